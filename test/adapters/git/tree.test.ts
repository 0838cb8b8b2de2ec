import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { openGit } from '../../../src/adapters/git/git.ts'
import { readBlobs } from '../../../src/adapters/git/tree.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import type { Source } from '../../../src/ports/source.ts'
import { directories, repositories, sourceOf } from './fixture.ts'

const repository = repositories()
const directory = directories()

async function read(source: Source, sha: string): Promise<Record<string, string | null>> {
  const files: Record<string, string | null> = {}
  for await (const { path, content } of source.files(sha)) {
    files[path] = content && Buffer.from(content).toString('latin1')
  }
  return files
}

describe('files', () => {
  test('yields every regular file of the commit, whatever its name', async () => {
    const repo = await repository()
    const names = [
      '-rf',
      '--upload-pack=x',
      'a b',
      'new\nline',
      'ümläut/日本',
      'bidi\u202etxt',
      ':(top)x',
      '*',
    ]
    const sha = await repo.commit(Object.fromEntries(names.map((name) => [name, `in ${name}`])))
    await repo.commit(Object.fromEntries(names.map((name) => [name, 'changed later'])))
    const source = sourceOf(repo.directory)

    const files = await read(source, sha)
    expect(Object.keys(files).toSorted()).toEqual(names.toSorted())
    expect(files['-rf']).toBe('in -rf')
    for (const name of names) {
      expect(Buffer.from((await source.readFile(sha, name)) ?? []).toString()).toBe(`in ${name}`)
    }
  })

  test('yields only what is wanted by its path, and lists the paths without any content', async () => {
    const repo = await repository()
    await symlink('a.txt', join(repo.directory, 'link'))
    const sha = await repo.commit({ 'a.txt': '1', 'b/c.sql': '2', 'b/d.txt': '3' })
    const source = sourceOf(repo.directory)
    expect(await source.paths(sha)).toEqual(['a.txt', 'b/c.sql', 'b/d.txt'])
    const found = []
    for await (const { path } of source.files(sha, (one) => one.endsWith('.sql'))) found.push(path)
    expect(found).toEqual(['b/c.sql'])
  })

  test('leaves out symbolic links and submodules, and says which files are too big', async () => {
    const repo = await repository()
    const big = Buffer.alloc(5 * 1024 * 1024 + 1, 'x')
    await symlink('/etc/passwd', join(repo.directory, 'link'))
    const inner = await repo.commit({ 'a.bin': Buffer.from([0, 255, 10, 0]), big, empty: '' })
    await repo.git('update-index', '--add', '--cacheinfo', `160000,${inner},module`)
    await repo.git('commit', '--quiet', '--message=module')
    const sha = await repo.git('rev-parse', 'HEAD')
    const source = sourceOf(repo.directory)

    expect(await read(source, sha)).toEqual({ 'a.bin': '\0\xff\n\0', big: null, empty: '' })
    expect((await source.readFile(sha, 'big'))?.length).toBe(big.length)
  })

  test('reads more files than one batch holds', async () => {
    const repo = await repository()
    const files = Object.fromEntries(
      Array.from({ length: 600 }, (_, index) => [`f/${index}`, `content ${index}`]),
    )
    const large = Buffer.alloc(4 * 1024 * 1024, 'y')
    const sha = await repo.commit({
      ...files,
      y1: large,
      y2: large,
      y3: large,
      y4: large,
      y5: large,
    })
    const found = await read(sourceOf(repo.directory), sha)
    expect(found).toMatchObject(files)
    expect(found['y5']?.length).toBe(large.length)
    expect(Object.keys(found)).toHaveLength(605)
  })

  test('a path that is no file is null', async () => {
    const repo = await repository()
    const sha = await repo.commit({ 'dir/a': '1' })
    const source = sourceOf(repo.directory)
    for (const path of ['dir', 'dir/', 'dir/../dir/a', '../a', '', '/dir/a', 'missing']) {
      expect(await source.readFile(sha, path)).toBeNull()
    }
  })

  test('a hash is a full hash', async () => {
    const repo = await repository()
    await repo.commit({ a: '1' })
    await expect(sourceOf(repo.directory).readFile('main', 'a')).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  test('a missing object is a failure, not an empty file', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: 'only here' })
    const blob = await repo.git('rev-parse', 'HEAD:a')
    await rm(join(repo.directory, '.git', 'objects', blob.slice(0, 2), blob.slice(2)), {
      force: true,
    })
    await expect(read(sourceOf(repo.directory), sha)).rejects.toMatchObject({
      code: 'source_unavailable',
    })
  })

  test('an object that vanishes while files are read is a failure too', async () => {
    const repo = await repository()
    await repo.commit({ a: '1' })
    const { PATH = '' } = process.env
    const git = await openGit({
      repository: repo.directory,
      processes: createProcesses(),
      env: { PATH },
    })
    const gone = { path: 'b', object: '1'.repeat(40), size: 3 }
    await expect(readBlobs(git, [gone])).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('b'),
    })
  })
})

describe('export', () => {
  let target: string
  beforeEach(async () => {
    target = await directory()
  })

  test('writes the tree with executable bits and links, and nothing into the repository', async () => {
    const repo = await repository()
    await repo.commit({ 'run.sh': '#!/bin/sh\n', 'src/a\nb': 'text' })
    await chmod(join(repo.directory, 'run.sh'), 0o755)
    await symlink('src', join(repo.directory, 'link'))
    const sha = await repo.commit({})
    await repo.commit({ 'src/later': 'x', 'run.sh': null })
    const before = await readdir(join(repo.directory, '.git'), { recursive: true })
    const index = await readFile(join(repo.directory, '.git', 'index'))

    await sourceOf(repo.directory).export(sha, join(target, 'new'))

    expect((await readdir(join(target, 'new'))).toSorted()).toEqual(['link', 'run.sh', 'src'])
    expect((await lstat(join(target, 'new', 'run.sh'))).mode & 0o111).toBe(0o111)
    expect(await readlink(join(target, 'new', 'link'))).toBe('src')
    expect(await readFile(join(target, 'new', 'src', 'a\nb'), 'utf8')).toBe('text')
    expect(await readdir(join(repo.directory, '.git'), { recursive: true })).toEqual(before)
    expect(await readFile(join(repo.directory, '.git', 'index'))).toEqual(index)
  })

  test('runs neither filters nor hooks and changes no byte', async () => {
    const repo = await repository()
    const mark = join(target, 'ran')
    const hook = join(repo.directory, '.git', 'hooks', 'post-checkout')
    await mkdir(join(repo.directory, '.git', 'hooks'), { recursive: true })
    await writeFile(hook, `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 })
    const sha = await repo.commit({
      '.gitattributes': '*.txt filter=evil eol=crlf ident\n',
      'a.txt': 'one\n$Id$\n',
    })
    await repo.git('config', 'filter.evil.smudge', `touch '${mark}'; cat`)
    await repo.git('config', 'core.fsmonitor', `touch '${mark}'`)
    await repo.git('config', 'core.autocrlf', 'true')

    const source = sourceOf(repo.directory)
    await source.export(sha, join(target, 'new'))
    await source.resolve('main')
    expect(await readFile(join(target, 'new', 'a.txt'), 'utf8')).toBe('one\n$Id$\n')
    expect(await readdir(target)).toEqual(['new'])
  })

  test('works from a bare repository and from a linked worktree', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: '1' })
    await repo.git('clone', '--quiet', '--bare', repo.directory, join(target, 'bare'))
    await repo.git('worktree', 'add', '--quiet', '--detach', join(target, 'tree'))
    for (const name of ['bare', 'tree']) {
      await sourceOf(join(target, name)).export(sha, join(target, `${name}-out`))
      expect(await readdir(join(target, `${name}-out`))).toEqual(['a'])
    }
  })

  test('works with SHA-256 objects', async () => {
    const repo = await repository()
    await rm(join(repo.directory, '.git'), { recursive: true })
    await repo.git('init', '--quiet', '--initial-branch=main', '--object-format=sha256')
    const sha = await repo.commit({ a: '1' })
    const source = sourceOf(repo.directory)
    expect(await source.resolve(sha)).toMatchObject({ sha, kind: 'commit' })
    await source.export(sha, join(target, 'new'))
    expect(await readdir(join(target, 'new'))).toEqual(['a'])
  })

  test('refuses a directory that holds something', async () => {
    const repo = await repository()
    const sha = await repo.commit({ a: '1' })
    await writeFile(join(target, 'mine'), 'keep')
    await expect(sourceOf(repo.directory).export(sha, target)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(target),
    })
    expect(await readdir(target)).toEqual(['mine'])
  })
})
