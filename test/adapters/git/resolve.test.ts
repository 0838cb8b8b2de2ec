import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { directories, repositories, sourceOf } from './fixture.ts'

const repository = repositories()
const directory = directories()

describe('resolve', () => {
  test('names a commit by branch, tag, full and short hash', async () => {
    const repo = await repository()
    const first = await repo.commit({ a: '1' }, 'first line\n\nsecond paragraph')
    const second = await repo.commit({ a: '2' })
    await repo.git('tag', 'v1.0.0', first)
    await repo.git('tag', '--annotate', '--message=signed off', 'v1.1.0', second)
    const source = sourceOf(repo.directory)

    const version = first.slice(0, 12)
    const committed_at = new Date(
      Number(await repo.git('show', '-s', '--format=%ct', first)) * 1000,
    ).toISOString()
    const facts = { sha: first, committed_at, subject: 'first line' }
    expect(await source.resolve(first)).toEqual({
      ...facts,
      version,
      git_ref: first,
      kind: 'commit',
    })
    expect(await source.resolve('v1.0.0')).toEqual({
      ...facts,
      version: 'v1.0.0',
      git_ref: 'v1.0.0',
      kind: 'tag',
    })
    expect(await source.resolve(first.slice(0, 7).toUpperCase())).toMatchObject({
      sha: first,
      version,
    })
    expect(await source.resolve('main')).toMatchObject({
      sha: second,
      kind: 'branch',
      version: second.slice(0, 12),
    })
    expect(await source.resolve('v1.1.0')).toMatchObject({ sha: second, version: 'v1.1.0' })
    expect(await source.resolve('HEAD')).toMatchObject({ sha: second, kind: 'commit' })
  })

  test('prefers a local branch and falls back to the fetched one', async () => {
    const repo = await repository()
    const first = await repo.commit({ a: '1' })
    const second = await repo.commit({ a: '2' })
    await repo.git('update-ref', 'refs/remotes/origin/main', first)
    await repo.git('update-ref', 'refs/remotes/origin/release/2', first)
    const source = sourceOf(repo.directory)

    expect(await source.resolve('main')).toMatchObject({ sha: second })
    expect(await source.resolve('origin/main')).toMatchObject({ sha: first, kind: 'branch' })
    expect(await source.resolve('release/2')).toMatchObject({ sha: first, kind: 'branch' })
  })

  test('a name that is tag and branch is refused until the caller says which', async () => {
    const repo = await repository()
    const tagged = await repo.commit({ a: '1' })
    const head = await repo.commit({ a: '2' })
    await repo.git('tag', 'v2', tagged)
    await repo.git('branch', 'v2', head)
    const source = sourceOf(repo.directory)

    await expect(source.resolve('v2')).rejects.toMatchObject({
      code: 'unknown_version',
      message: expect.stringMatching(/ambiguous: .*refs\/heads\/v2.*refs\/tags\/v2/),
      hint: expect.stringContaining('refs/'),
    })
    expect(await source.resolve('refs/tags/v2')).toMatchObject({ sha: tagged, version: 'v2' })
    expect(await source.resolve('refs/heads/v2')).toMatchObject({ sha: head, kind: 'branch' })
  })

  test('nothing can shadow a full hash, and a branch below refs/heads cannot pose as a tag', async () => {
    const repo = await repository()
    const first = await repo.commit({ a: '1' })
    const second = await repo.commit({ a: '2' })
    await repo.git('update-ref', `refs/heads/${first}`, second)
    await repo.git('update-ref', 'refs/heads/refs/tags/v9', second)
    const source = sourceOf(repo.directory)

    expect(await source.resolve(first)).toMatchObject({ sha: first, kind: 'commit' })
    await expect(source.resolve('refs/tags/v9')).rejects.toMatchObject({ code: 'unknown_version' })
  })

  test('a short hash that a branch also carries is ambiguous', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: '1' })
    await repo.commit({ a: '2' })
    await repo.git('branch', sha.slice(0, 8))
    await expect(sourceOf(repo.directory).resolve(sha.slice(0, 8))).rejects.toMatchObject({
      message: expect.stringContaining(sha),
    })
  })

  test('neither objects that are no commit nor replaced commits are releases', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: '1' }, 'the real one')
    const other = await repo.commit({ a: '2' }, 'the false one')
    const blob = await repo.git('rev-parse', 'HEAD:a')
    await repo.git('tag', '--annotate', '--message=x', 'v1', sha)
    await repo.git('tag', 'data', blob)
    await repo.git('replace', sha, other)
    const source = sourceOf(repo.directory)

    expect(await source.resolve(sha)).toMatchObject({ subject: 'the real one' })
    for (const ref of [blob, await repo.git('rev-parse', 'refs/tags/v1'), 'data']) {
      await expect(source.resolve(ref)).rejects.toMatchObject({ code: 'unknown_version' })
    }
  })

  test('a slip gets the nearest name', async () => {
    const repo = await repository()
    await repo.commit({ a: '1' })
    await repo.git('tag', 'v1.10.0')
    await expect(sourceOf(repo.directory).resolve('v1.1O.0')).rejects.toMatchObject({
      code: 'unknown_version',
      message: expect.stringContaining('"v1.1O.0"'),
      hint: expect.stringContaining('"v1.10.0"'),
    })
  })

  test.each([
    ['-rf', 'start with "-"'],
    ['--upload-pack=x', 'start with "-"'],
    ['main~1', 'any of ~'],
    ['main^', 'any of ~'],
    ['main:a', 'any of ~'],
    ['a..b', '".."'],
    ['main@{1}', '"@{"'],
    ['a b', 'white space'],
    ['a\nb', 'white space'],
    ['a\u0000b', 'control or invisible'],
    ['ma\u202ein', 'control or invisible'],
    ['', 'empty'],
    ['x'.repeat(256), '255'],
    ['/a', '"/"'],
    ['a/.b', 'starts with "."'],
    ['a.lock', '".lock"'],
  ])('refuses the ref %j and names the rule', async (ref, rule) => {
    await expect(sourceOf('/nowhere').resolve(ref)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(rule),
    })
  })

  test('a subject is one line without control characters', async () => {
    const repo = await repository()
    await repo.commit({ a: '1' }, 'fix\u001b[31m \u202ethis')
    expect(await sourceOf(repo.directory).resolve('main')).toMatchObject({ subject: 'fix this' })
  })
})

describe('a source that is not there', () => {
  test('no repository, also not one directory up', async () => {
    const repo = await repository()
    await repo.commit({ 'sub/a': '1' })
    for (const path of [join(repo.directory, 'sub'), join(repo.directory, 'missing')]) {
      await expect(sourceOf(path).resolve('main')).rejects.toMatchObject({
        code: 'source_unavailable',
        message: expect.stringContaining(path),
      })
    }
  })

  test('a repository without commits', async () => {
    const repo = await repository()
    await expect(sourceOf(repo.directory).resolve('main')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('no commits'),
    })
  })

  test('no git', async () => {
    const repo = await repository()
    const source = sourceOf(repo.directory, { env: { PATH: await directory() } })
    await expect(source.resolve('main')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('git is not installed'),
    })
  })
})

describe('branches', () => {
  test('the default branch is configured, or origin says it, or HEAD does', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: '1' })
    expect(await sourceOf(repo.directory, { defaultBranch: 'trunk' }).defaultBranch()).toBe('trunk')
    expect(await sourceOf(repo.directory).defaultBranch()).toBe('main')
    await repo.git('checkout', '--quiet', '--detach')
    await expect(sourceOf(repo.directory).defaultBranch()).rejects.toMatchObject({
      hint: expect.stringContaining('default_branch'),
    })
    await repo.git('update-ref', 'refs/remotes/origin/develop', sha)
    await repo.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/develop')
    expect(await sourceOf(repo.directory).defaultBranch()).toBe('develop')
  })

  test('ancestors of the local or of the fetched branch count, others do not', async () => {
    const repo = await repository()
    const base = await repo.commit({ a: '1' })
    const fetched = await repo.commit({ a: '2' })
    await repo.git('update-ref', 'refs/remotes/origin/main', fetched)
    await repo.git('reset', '--quiet', '--hard', base)
    await repo.git('checkout', '--quiet', '-b', 'side')
    const side = await repo.commit({ b: '1' })
    const source = sourceOf(repo.directory)

    expect(await source.isAncestor(base, 'main')).toBe(true)
    expect(await source.isAncestor(fetched, 'main')).toBe(true)
    expect(await source.isAncestor(side, 'main')).toBe(false)
    await expect(source.isAncestor(side, 'mian')).rejects.toMatchObject({
      code: 'unknown_version',
      hint: expect.stringContaining('"main"'),
    })
  })
})
