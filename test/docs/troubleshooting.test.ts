import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasWords, readRows } from './troubleshooting-table.ts'

const tests = join(import.meta.dirname, '../e2e')

/** The rows that some test names: `symptom('no-project', ...)`. */
async function tested(): Promise<string[]> {
  const files = await Array.fromAsync(glob('troubleshooting*.test.ts', { cwd: tests }))
  const texts = await Promise.all(files.map((file) => readFile(join(tests, file), 'utf8')))
  return texts.flatMap((text) =>
    [...text.matchAll(/symptom\(\s*'([a-z-]+)'/g)].map(([, id]) => id!),
  )
}

describe('docs/troubleshooting.md', () => {
  it('has one test for each row, and no test without a row', async () => {
    const rows = readRows().map(({ id }) => id)
    expect(rows.length).toBeGreaterThan(30)
    expect(new Set(rows).size).toBe(rows.length)
    expect((await tested()).toSorted()).toEqual(rows.toSorted())
  })

  it('looks with gonogo itself, or with what every machine has', () => {
    for (const { id, look } of readRows()) expect(look, id).toMatch(/^(?:gonogo|ls) /)
  })
})

describe('the words of a row', () => {
  it.each([
    ['a  b\nc', 'a b c', true],
    ['a \u001b[31mb\u001b[39m', 'a b', true],
    ['v1 was held by ada', 'was … by', true],
    ['one? two', 'one. two', false],
    ['by ada was', 'was … by', false],
  ])('in %j: %j %s', (text, words, found) => {
    expect(hasWords(text, words)).toBe(found)
  })
})
