import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { decideTests } from '../../../src/setup/draft/decide-tests.ts'
import type { Facts } from '../../../src/setup/survey/facts.ts'
import { placeOf } from '../../../src/setup/survey/facts.ts'
import { survey } from '../../../src/setup/survey/survey.ts'

export type Files = Record<string, string>

/** A directory with these files, gone after the test. */
export function directoryOf(files: Files): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'gonogo-survey-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** Git that knows nobody: the user's own settings stay out of the tests. */
export const processes = {
  run: (argv: readonly string[], options = {}) =>
    createProcesses().run(argv, {
      ...options,
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
    }),
}

export async function surveyOf(files: Files): Promise<Facts> {
  return await survey(directoryOf(files), processes)
}

/** The commands that are written, as a person would type them, with their directory. */
export function commandsOf(facts: Facts): string[] {
  return decideTests(facts).groups.flatMap(({ commands }) =>
    commands.map(({ argv, directory }) => `${directory}$ ${argv.join(' ')}`),
  )
}

export function leftOutOf(facts: Facts): string[] {
  return decideTests(facts).groups.flatMap(({ leftOut }) =>
    leftOut.map(({ text, why }) => `${text}: ${why}`),
  )
}

export function healthOf({ health }: Facts): string[] {
  return health.map(({ path, component, evidence }) => `${component} ${path} ${placeOf(evidence)}`)
}

/** A workflow for commits with one job. */
export function workflow(steps: string, more = ''): string {
  const indented = steps.replace(/^/gm, '      ')
  return `name: CI\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n${more}    steps:\n${indented}\n`
}
