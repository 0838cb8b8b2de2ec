import {
  chmod,
  mkdir,
  readFile,
  readdir,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { GitHubClient } from '../../../../src/adapters/github/client/github-client.ts'
import { collect } from '../../../../src/adapters/github/archive/archive-bytes.ts'
import { Failure } from '../../../../src/core/failure.ts'
import { createGitHubSource } from '../../../../src/adapters/github/source.ts'
import type { Source } from '../../../../src/ports/source.ts'
import type { Hub } from '../../../hub/hub.ts'
import type { Repository } from '../../../support/repository.ts'
import { directories, repositories, sourceOf } from '../../git/fixture.ts'
import { settings, useBench } from '../client/bench.ts'
import { bodyOf } from '../logs/downloads.ts'

const repository = repositories()
const directory = directories()
const bench = useBench()
const hubs: Hub[] = []

afterEach(() => {
  expect(hubs.splice(0).flatMap(({ violations }) => violations)).toEqual([])
})

interface Options {
  contents?: Source
  state?: string
  /** Changes what GitHub answers. */
  change?: (client: GitHubClient) => Partial<GitHubClient>
  /** What the repository is believed to be called. */
  name?: string
}

/** The source of a repository that a stand-in serves. */
async function onGitHub(repo: Repository, options: Options = {}) {
  const { contents = null, state = await directory(), change, name = 'acme/clinic' } = options
  const { hub: startHub, client: clientOf } = bench()
  const hub = await startHub({ git: join(repo.directory, '.git') })
  hubs.push(hub)
  const own = { ...settings, api_url: hub.apiUrl, repository: name }
  const client = clientOf(hub.apiUrl, { token: hub.token, settings: own })
  const changed = { ...client, ...change?.(client) }
  const deps = { client: changed, contents, defaultBranch: null, stateDirectory: state }
  return { source: createGitHubSource(deps), asked: hub.requests, state }
}

/** In place of the archive; null: GitHub has none. */
const archive = (content: Buffer | null) => () => ({
  download: async () =>
    content && { status: 200, length: null, total: null, body: bodyOf(content) },
})

const cutArchive = (client: GitHubClient): Partial<GitHubClient> => ({
  async download(route, params, options) {
    const real = await client.download(route, params, options)
    return real && { ...real, body: bodyOf((await collect(real.body)).subarray(0, -20)) }
  },
})

/** Whatever commit is asked for. */
const alwaysMain = (client: GitHubClient): Partial<GitHubClient> => ({
  find: (route, params) =>
    client.find(route, route === '/commits/{ref}' ? { ref: 'main' } : params),
})

const isStamped = (path: string) => path === 'stamped'

async function read(
  source: Source,
  sha: string,
  wanted?: (path: string) => boolean,
): Promise<[string, string | null][]> {
  const files: [string, string | null][] = []
  for await (const { path, content } of source.files(sha, wanted)) {
    files.push([path, content && Buffer.from(content).toString('latin1')])
  }
  return files
}

async function text(source: Source, sha: string, path: string): Promise<string | null> {
  const content = await source.readFile(sha, path)
  return content && Buffer.from(content).toString('latin1')
}

describe('resolve', () => {
  test('says the same as a clone does', async () => {
    const repo = await repository()
    const first = await repo.commit({ a: '1' }, 'first line\n\nsecond paragraph')
    const second = await repo.commit({ a: '2' }, 'with \u001b[31mcolour')
    await repo.git('tag', 'v1.0.0', first)
    await repo.git('tag', 'v1.0.0-rc.1', second)
    await repo.git('tag', '--annotate', '--message=signed off', 'v1.1.0', second)
    await repo.git('branch', 'release/2', first)
    const { source } = await onGitHub(repo)
    const clone = sourceOf(repo.directory)
    const names = ['main', 'HEAD', 'v1.0.0', 'v1.1.0', 'release/2', 'refs/tags/v1.0.0']
    for (const ref of [...names, first, first.slice(0, 7).toUpperCase()]) {
      expect(await source.resolve(ref)).toEqual(await clone.resolve(ref))
    }
    expect(await source.defaultBranch()).toBe('main')
    const wanted = await repo.git('rev-parse', `${first}^{tree}`)
    expect([await source.tree?.(first), await clone.tree?.(first)]).toEqual([wanted, wanted])
  })

  test('a prefix is no name, and a slip gets the nearest one', async () => {
    const repo = await repository()
    await repo.commit({ a: '1' })
    await repo.git('tag', 'v1.10.0')
    const { source } = await onGitHub(repo)
    await expect(source.resolve('v1.1')).rejects.toMatchObject({ code: 'unknown_version' })
    await expect(source.resolve('v1.1O.0')).rejects.toMatchObject({
      code: 'unknown_version',
      message: expect.stringContaining('"v1.1O.0"'),
      hint: expect.stringContaining('"v1.10.0"'),
    })
    await expect(source.resolve('a..b')).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(source.resolve('1'.repeat(40))).rejects.toMatchObject({ code: 'unknown_version' })
  })

  test('tag and branch of one name are refused until the caller says which', async () => {
    const repo = await repository()
    const tagged = await repo.commit({ a: '1' })
    const head = await repo.commit({ a: '2' })
    await repo.git('tag', 'v2', tagged)
    await repo.git('branch', 'v2', head)
    const { source } = await onGitHub(repo)
    await expect(source.resolve('v2')).rejects.toMatchObject({
      code: 'unknown_version',
      message: expect.stringMatching(/ambiguous: .*refs\/tags\/v2.*refs\/heads\/v2/),
    })
    expect(await source.resolve('refs/heads/v2')).toMatchObject({ sha: head, kind: 'branch' })
  })

  test('a branch that is called like a hash does not pose as the commit', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: '1' })
    await repo.commit({ a: '2' })
    const { source } = await onGitHub(repo, { change: alwaysMain })
    await expect(source.resolve(sha)).rejects.toMatchObject({ code: 'unknown_version' })
  })
})

test('an ancestor is one on the branch, and nothing else', async () => {
  const repo = await repository()
  const base = await repo.commit({ a: '1' })
  const head = await repo.commit({ a: '2' })
  await repo.git('checkout', '--quiet', '-b', 'other', base)
  const beside = await repo.commit({ b: '1' })
  await repo.git('checkout', '--quiet', 'main')
  await repo.git('tag', 'main', beside)
  const { source } = await onGitHub(repo)
  expect(await source.isAncestor(base, 'main')).toBe(true)
  expect(await source.isAncestor(head, 'main')).toBe(true)
  expect(await source.isAncestor(beside, 'main')).toBe(false)
  expect(await source.isAncestor('1'.repeat(40), 'main')).toBe(false)
  await expect(source.isAncestor(base, 'mian')).rejects.toMatchObject({
    code: 'unknown_version',
    hint: expect.stringContaining('"main"'),
  })
})

test('a repository that GitHub does not show is said to be what is wrong, not the ref', async () => {
  const { source } = await onGitHub(await repository(), { name: 'acme/clinc' })
  await expect(source.resolve('v1.0.0')).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('shows no repository acme/clinc to this token'),
    hint: expect.stringContaining('GITHUB_REPOSITORY'),
  })
})

test('a repository without a commit is told as such', async () => {
  const cause = {
    code: 'pipeline_refused',
    message: 'Git Repository is empty.',
    hint: 'push',
  } as const
  const refs = new Failure({ ...cause, details: { status: 409 } })
  const change = (client: GitHubClient): Partial<GitHubClient> => ({
    find: async (route, params) => {
      if (route.includes('/git/')) throw refs
      return await client.find(route, params)
    },
  })
  const { source } = await onGitHub(await repository(), { change })
  await expect(source.resolve('v1.0.0')).rejects.toMatchObject({
    code: 'source_unavailable',
    message: 'the repository on GitHub has no commits',
  })
})

/** A commit that tries what archives can be told to do, beside what is ordinary. */
async function oddCommit(repo: Repository): Promise<string> {
  await mkdir(join(repo.directory, 'src'))
  await writeFile(join(repo.directory, 'run.sh'), '#!/bin/sh\n')
  await chmod(join(repo.directory, 'run.sh'), 0o755)
  await symlink('/etc/passwd', join(repo.directory, 'src', 'link'))
  return repo.commit({
    '.gitattributes': 'secret export-ignore\nstamped export-subst\n*.txt eol=crlf\n',
    secret: 'hidden from archives',
    stamped: '$Format:%H$',
    'src/a.txt': 'one\ntwo\n',
    'ümläut\nnew': Buffer.from([0, 255, 10]),
    empty: '',
    twin: 'one\ntwo\n',
    big: Buffer.alloc(5 * 1024 * 1024 + 1, 'x'),
  })
}

describe('files without a clone', () => {
  test('are those of the commit, also exported, whatever it says about archives of itself', async () => {
    const repo = await repository()
    const sha = await oddCommit(repo)
    const { source, asked } = await onGitHub(repo)
    const clone = sourceOf(repo.directory)
    expect(await read(source, sha)).toEqual(await read(clone, sha))
    expect(await source.paths(sha)).toEqual(await clone.paths(sha))
    expect(await read(source, sha, isStamped)).toEqual(await read(clone, sha, isStamped))
    for (const path of ['secret', 'stamped', 'big', 'src', 'src/link', '../x', 'missing']) {
      expect(await text(source, sha, path)).toBe(await text(clone, sha, path))
    }

    const target = await directory()
    await source.export(sha, join(target, 'ours'))
    await clone.export(sha, join(target, 'clone'))
    expect(await tree(join(target, 'ours'))).toEqual(await tree(join(target, 'clone')))
    await expect(source.export(sha, join(target, 'ours'))).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(asked.filter((one) => one.path.includes('/tarball/'))).toHaveLength(1)
  })

  test('are kept for the next process, private, and never trusted when they changed', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: 'one' })
    const { source, state } = await onGitHub(repo)
    await read(source, sha)
    const later = await onGitHub(repo, { state })
    expect(await read(later.source, sha)).toEqual([['a', 'one']])
    expect(later.asked).toEqual([])
    const place = join(state, 'github', 'commits', sha)
    expect((await stat(place)).mode & 0o077).toBe(0)
    const blob = await repo.git('rev-parse', 'HEAD:a')
    await writeFile(join(place, blob), 'two')
    await expect(read(later.source, sha)).rejects.toMatchObject({ code: 'source_unavailable' })
  })

  test.each(['../up', '/root', 'a//b', '.git/config', 'a/.GIT/hooks/post-checkout'])(
    'a tree that holds %j is refused before anything is fetched',
    async (path) => {
      const odd = { path, mode: '100644', type: 'blob', sha: '1'.repeat(40), size: 1 }
      const find = async () => ({
        status: 200,
        data: { truncated: false, tree: [odd] },
        date: null,
      })
      const deps = { contents: null, defaultBranch: null, stateDirectory: await directory() }
      const source = createGitHubSource({ ...deps, client: { find } as unknown as GitHubClient })
      await expect(read(source, '2'.repeat(40))).rejects.toMatchObject({
        code: 'source_unavailable',
        message: expect.stringContaining(path),
      })
    },
  )

  test('of the newest commits only', async () => {
    const repo = await repository()
    const { source, state } = await onGitHub(repo)
    for (let count = 0; count < 6; count++) {
      await read(source, await repo.commit({ a: String(count) }))
    }
    expect(await readdir(join(state, 'github', 'commits'))).toHaveLength(5)
  })

  test('an archive that is cut, something else or a bomb is refused and leaves nothing', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: 'one', b: 'x'.repeat(1000) })
    for (const change of [
      cutArchive,
      archive(Buffer.from('<html>')),
      archive(gzipSync('x'.repeat(2000))),
      archive(gzipSync(Buffer.alloc(17 * 1024 * 1024))),
    ]) {
      const { source, state } = await onGitHub(repo, { change })
      await expect(read(source, sha)).rejects.toMatchObject({ code: 'source_unavailable' })
      expect(await readdir(join(state, 'github', 'commits'))).toEqual([])
    }
  })

  test('an archive without the files is made up for, up to a point', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: 'one', b: 'two' })
    const without = await onGitHub(repo, { change: archive(gzipSync(Buffer.alloc(1024))) })
    expect(await read(without.source, sha)).toEqual([
      ['a', 'one'],
      ['b', 'two'],
    ])
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`f${at}`, `${at}`]))
    const next = await repo.commit(many)
    const { source } = await onGitHub(repo, { change: archive(null) })
    await expect(read(source, next)).rejects.toMatchObject({
      message: expect.stringContaining('lacks'),
    })
  })
})

test('a clone is asked first, and not believed to have everything', async () => {
  const repo = await repository()
  const sha = await repo.commit({ a: 'one' })
  const behind = await repository()
  await behind.commit({ other: '1' })
  const own = await onGitHub(repo, { contents: sourceOf(repo.directory) })
  expect(await read(own.source, sha)).toEqual([['a', 'one']])
  expect(own.asked).toEqual([])
  for (const place of [behind.directory, '/nowhere']) {
    const { source } = await onGitHub(repo, { contents: sourceOf(place) })
    expect(await source.readFile(sha, 'a')).toEqual(Buffer.from('one'))
  }
})

/** Every path with what it is. */
async function tree(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const described = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    if (entry.isSymbolicLink()) return [path, `link to ${await readlink(path)}`]
    if (entry.isDirectory()) return [path, 'directory']
    const { mode } = await stat(path)
    return [path, `${(mode & 0o777).toString(8)} ${(await readFile(path)).toString('base64')}`]
  })
  const all = (await Promise.all(described)) as [string, string][]
  return Object.fromEntries(all.map(([path, what]) => [path.slice(root.length), what]))
}
