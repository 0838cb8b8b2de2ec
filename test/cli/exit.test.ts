import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitOfFailure, exitOfOutput, exits } from '../../src/cli/exit.ts'
import { toolCommands } from '../../src/cli/tool-commands.ts'

const docs = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8')

/** The rows below a heading, as cells. */
function tableOf(heading: string): string[][] {
  const section = docs.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
}

describe('docs/cli.md', () => {
  it('has every exit code, with the errors that end with it', () => {
    const documented = tableOf('Exit codes').map(([code, , errors = '']) => [
      Number(code),
      [...errors.matchAll(/(?<=`)\w+(?=`)/g)].map(String).toSorted(),
    ])
    const real = Object.values(exits).map((code) => [
      code,
      Object.entries(exitOfFailure)
        .filter(([, exit]) => exit === code)
        .map(([name]) => name)
        .toSorted(),
    ])
    expect(documented).toEqual(real)
  })

  it('has every command', () => {
    for (const { command } of toolCommands) expect(docs).toContain(`\`gonogo ${command}`)
  })
})

describe('the exit code of an answer', () => {
  it.each<[Record<string, unknown>, number]>([
    [{ valid: true }, 0],
    [{ valid: false }, 1],
    [{ valid: null }, 0],
    [{ passed: false }, 1],
    [{ status: 'blocked' }, 6],
    [{ status: 'waiting_approval' }, 6],
    [{ status: 'dry_run', accepted: 'no: blocked' }, 0],
    [{ status: 'in_progress' }, 0],
    [{ deployments: [] }, 0],
  ])('%j is %i', (output, exit) => {
    expect(exitOfOutput(output)).toBe(exit)
  })
})
