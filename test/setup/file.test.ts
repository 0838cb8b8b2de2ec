import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readText, replaceText } from '../../src/setup/file.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gonogo-client-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('a link stays a link, the mode stays, nothing else is left behind', async () => {
  const [target, link] = [join(directory, 'dotfile'), join(directory, 'link')]
  await writeFile(target, 'old')
  await chmod(target, 0o640)
  await symlink('dotfile', link)
  await replaceText(link, 'new', { before: 'old', scope: 'user' })
  expect(await readFile(target, 'utf8')).toBe('new')
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect((await stat(target)).mode & 0o777).toBe(0o640)
  expect(await readdir(directory)).toEqual(['dotfile', 'link'])
})

test('the owner stays who it was, also when root writes', async () => {
  const file = join(directory, 'config')
  await writeFile(file, 'old')
  const { uid, gid } = await stat(file)
  // Only root can write for somebody else; for everybody else nothing may change either.
  const owner = uid === 0 ? { uid: 4711, gid: 4712 } : { uid, gid }
  await chown(file, owner.uid, owner.gid)
  await replaceText(file, 'new', { before: 'old', scope: 'user' })
  expect(await stat(file)).toMatchObject(owner)
})

test('a file that changed since it was read is not overwritten', async () => {
  const file = join(directory, 'config')
  await writeFile(file, 'theirs')
  await expect(replaceText(file, 'ours', { before: 'old', scope: 'user' })).rejects.toThrow(
    'changed by another program',
  )
  expect(await readFile(file, 'utf8')).toBe('theirs')
  expect(await readdir(directory)).toEqual(['config'])
})

test('what is no text file is refused by name, and what is missing is null', async () => {
  await expect(readText(directory)).rejects.toThrow('is not a regular file')
  await symlink('nowhere', join(directory, 'link'))
  await expect(readText(join(directory, 'link'))).rejects.toThrow('a link to a file that')
  await writeFile(join(directory, 'binary'), Buffer.from([0xff, 0xfe, 0x00]))
  await expect(readText(join(directory, 'binary'))).rejects.toThrow('is not UTF-8 text')
  expect(await readText(join(directory, 'missing', 'file'))).toBe(null)
})

test('the byte order mark is part of the text', async () => {
  await mkdir(join(directory, 'sub'))
  await writeFile(join(directory, 'sub', 'file'), '\ufeff{}')
  expect(await readText(join(directory, 'sub', 'file'))).toBe('\ufeff{}')
})

test('a new file that cannot be written is refused by its directory, as a shell takes it', async () => {
  await writeFile(join(directory, 'a file'), '')
  const options = { before: null, scope: 'user' } as const
  await expect(replaceText(join(directory, 'a file', 'x'), '{}', options)).rejects.toMatchObject({
    hint: `look at it with: ls -ld '${join(directory, 'a file')}'`,
  })
})
