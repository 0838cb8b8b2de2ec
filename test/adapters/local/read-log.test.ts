import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readLog } from '../../../src/adapters/local/read-log.ts'

let directory: string
let file: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gonogo-log-'))
  file = join(directory, 'log')
})
afterEach(() => rm(directory, { recursive: true }))

it('reads the end when no cursor is given', async () => {
  await writeFile(file, '0123456789')
  expect(await readLog(file, { maxBytes: 4 })).toEqual({ text: '6789', cursor: 10 })
})

it('reads on from a cursor without losing or repeating anything', async () => {
  const text = 'aä€😀'.repeat(20)
  await writeFile(file, text)
  for (const maxBytes of [4, 5, 7, 1000]) {
    let read = ''
    let cursor = 0
    for (let part = await readLog(file, { cursor, maxBytes }); part.text !== '';) {
      read += part.text
      cursor = part.cursor
      part = await readLog(file, { cursor, maxBytes })
    }
    expect(read).toBe(text)
  }
})

it('cuts the end between characters', async () => {
  await writeFile(file, 'x😀y')
  expect(await readLog(file, { maxBytes: 3 })).toEqual({ text: 'y', cursor: 6 })
})

it('waits for the rest of a character that is being written', async () => {
  const euro = Buffer.from('€')
  await writeFile(file, Buffer.concat([Buffer.from('a'), euro.subarray(0, 2)]))
  const first = await readLog(file)
  expect(first).toEqual({ text: 'a', cursor: 1 })
  await appendFile(file, euro.subarray(2))
  expect(await readLog(file, { cursor: first.cursor })).toEqual({ text: '€', cursor: 4 })
})

it('takes a cursor beyond the end for the end', async () => {
  await writeFile(file, 'abc')
  expect(await readLog(file, { cursor: 99 })).toEqual({ text: '', cursor: 3 })
})
