import {
  chmod,
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
import { readClientFile, writeClientFile } from '../../../src/setup/clients/file.ts'

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
  await writeClientFile(link, 'new', { before: 'old', scope: 'user' })
  expect(await readFile(target, 'utf8')).toBe('new')
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect((await stat(target)).mode & 0o777).toBe(0o640)
  expect(await readdir(directory)).toEqual(['dotfile', 'link'])
})

test('a file that changed since it was read is not overwritten', async () => {
  const file = join(directory, 'config')
  await writeFile(file, 'theirs')
  await expect(writeClientFile(file, 'ours', { before: 'old', scope: 'user' })).rejects.toThrow(
    'changed by another program',
  )
  expect(await readFile(file, 'utf8')).toBe('theirs')
  expect(await readdir(directory)).toEqual(['config'])
})

test('what is no text file is refused by name, and what is missing is null', async () => {
  await expect(readClientFile(directory)).rejects.toThrow('is not a regular file')
  await symlink('nowhere', join(directory, 'link'))
  await expect(readClientFile(join(directory, 'link'))).rejects.toThrow('a link to a file that')
  await writeFile(join(directory, 'binary'), Buffer.from([0xff, 0xfe, 0x00]))
  await expect(readClientFile(join(directory, 'binary'))).rejects.toThrow('is not UTF-8 text')
  expect(await readClientFile(join(directory, 'missing', 'file'))).toBe(null)
})

test('the byte order mark is part of the text', async () => {
  await mkdir(join(directory, 'sub'))
  await writeFile(join(directory, 'sub', 'file'), '\ufeff{}')
  expect(await readClientFile(join(directory, 'sub', 'file'))).toBe('\ufeff{}')
})
