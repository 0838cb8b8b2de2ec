import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitOfFailure, exits } from '../../src/cli/exit.ts'

const root = join(import.meta.dirname, '../..')
const page = await readFile(join(root, 'docs/errors.md'), 'utf8')

/** The cells of the rows below a heading. */
function rowsBelow(heading: string): string[][] {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const [body = ''] = section.split('\n## ')
  const lines = body.split('\n').filter((line) => line.startsWith('| '))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
}

async function sources(): Promise<string[]> {
  const files = await Array.fromAsync(glob('src/**/*.ts', { cwd: root }))
  return await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))
}

/** The text of each `new Failure({ ... })` up to the first line that closes it. */
const failuresIn = (text: string) => text.match(/new Failure\(\{[^]*?\n\s*\}\)/g) ?? []

describe('docs/errors.md', () => {
  const rows = rowsBelow('Codes')

  it('has every code with its exit code, in the order of the source', () => {
    const told = rows.map(([code = '', exit]) => [code.replaceAll('`', ''), Number(exit)])
    expect(told).toEqual(Object.entries(exitOfFailure))
  })

  it('has every exit code', () => {
    const told = rowsBelow('Exit codes').map(([exit]) => Number(exit))
    expect(told).toEqual(Object.values(exits))
  })

  it('says of each code whether the same request may work later', async () => {
    const failures = (await sources()).flatMap(failuresIn)
    const retryable = failures.filter((text) => /retryable: (?!false)/.test(text))
    const codes = retryable.flatMap((text) => /code: '(\w+)'/.exec(text)?.[1] ?? [])
    const told = rows.filter(([, , again]) => again === 'sometimes').map(([code]) => code)
    expect(new Set(told)).toEqual(new Set(codes.map((code) => `\`${code}\``)))
  })

  it('tells the codes that are answers and no errors', async () => {
    const text = (await sources()).join('\n')
    const thrown = (code: string) => new RegExp(`code: [^,\\n]*'${code}'`).test(text)
    const never = Object.keys(exitOfFailure).filter((code) => code !== 'internal' && !thrown(code))
    const told = rows.filter(([, , , meaning]) => meaning?.includes('Told as an answer'))
    expect(told.map(([code]) => code)).toEqual(never.map((code) => `\`${code}\``))
  })
})
