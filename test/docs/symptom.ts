import { execFile } from 'node:child_process'
import { expect, it } from 'vitest'
import type { SmallProject } from '../support/small-project.ts'
import { runInProcess, type InProcessOptions, type Written } from './in-process.ts'
import { hasWords, rowOf, type Row } from './troubleshooting-table.ts'

/** Where a command of the guide is typed. */
export type Place = Pick<SmallProject, 'root' | 'env'>

/** A command of the guide, and what stands where the guide has a placeholder. */
type Values = Record<string, string>

type Adapted = Partial<InProcessOptions>

/** One row of the guide, put to the test. */
export interface Bench {
  row: Row
  /** Types a gonogo command, without a terminal. */
  gonogo: (place: Place, argv: readonly string[], options?: Adapted) => Promise<Written>
  /** Expects the row's symptom in what somebody saw. */
  saw: (text: string) => void
  /** Types the command of the row and expects it to show what the row says. */
  look: (place: Place, values?: Values, options?: Adapted) => Promise<string>
  /** Types the command of the row and expects the trouble to be gone. */
  lookAgain: (place: Place, values?: Values, options?: Adapted) => Promise<string>
  /** Types a command that the last column of the row names, word for word. */
  fix: (place: Place, command: string, values?: Values) => Promise<Written>
}

/** A test of the row with this name: produce the symptom, look, and where it is cheap mend it. */
export function symptom(id: string, work: (bench: Bench) => Promise<void>): void {
  it(id, () => work(benchFor(rowOf(id))))
}

function benchFor(row: Row): Bench {
  const show = (place: Place, values: Values = {}, options: Adapted = {}) =>
    type(place, row.look, values, options)
  return {
    row,
    gonogo,
    saw: (text) => expectWords(text, row.seen, true),
    async look(place, values, options) {
      const { text } = await show(place, values, options)
      expectWords(text, row.shows, true)
      return text
    },
    async lookAgain(place, values, options) {
      const { text } = await show(place, values, options)
      expectWords(text, row.shows, false)
      return text
    },
    async fix(place, command, values = {}) {
      expect(row.fixes, `the last column of ${row.id}`).toContain(command)
      return await type(place, command, values, {})
    },
  }
}

function expectWords(text: string, expected: string, wanted: boolean): void {
  const message = `${wanted ? 'not found' : 'still there'}: ${expected}\n--- in ---\n${text}\n---`
  expect(hasWords(text, expected), message).toBe(wanted)
}

async function gonogo(
  { root, env }: Place,
  argv: readonly string[],
  options: Adapted = {},
): Promise<Written> {
  return await runInProcess(argv, { cwd: root, ...options, env: { ...env, ...options.env } })
}

async function type(
  place: Place,
  command: string,
  values: Values,
  options: Adapted,
): Promise<Written> {
  const [program = '', ...args] = words(command, values)
  if (program === 'gonogo') return await gonogo(place, args, options)
  const { root, env } = place
  return await new Promise((resolve) => {
    const child = execFile(program, args, { cwd: root, env: { ...env, ...options.env } })
    let text = ''
    child.stdout?.on('data', (chunk) => (text += chunk))
    child.stderr?.on('data', (chunk) => (text += chunk))
    child.on('close', (code) => resolve({ exitCode: code ?? 1, stdout: text, stderr: '', text }))
  })
}

const placeholder = /\b(?:dep|apr)_…|\b[A-Z]{3,}(?:_[A-Z]+)*\b/g

/** The words of a command; every placeholder has to have a value. */
function words(command: string, values: Values): string[] {
  const filled = command.replaceAll(placeholder, (name) => {
    const value = values[name]
    if (value === undefined) throw new Error(`no value for ${name} in: ${command}`)
    return value
  })
  return [...filled.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  )
}
