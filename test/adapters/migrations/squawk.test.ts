import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lintWithSquawk } from '../../../src/adapters/migrations/squawk.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'

/** What squawk 2.66.0 prints; it counts lines from 0. */
const recorded = [
  {
    file: '0.sql',
    line: 2,
    column: 14,
    level: 'Warning',
    message: 'Dropping a column may break existing clients.',
    help: null,
    rule_name: 'ban-drop-column',
    column_end: 27,
    line_end: 2,
  },
  {
    file: '0.sql',
    line: 4,
    column: 0,
    level: 'Warning',
    message:
      'During normal index creation, table updates are blocked, but reads are still allowed.',
    help: 'Use `concurrently` to avoid blocking writes.',
    rule_name: 'require-concurrent-index-creation',
    column_end: 26,
    line_end: 4,
  },
  {
    file: '0.sql',
    line: 4,
    column: 0,
    level: 'Warning',
    message: "Missing `IF NOT EXISTS`, the migration can't be rerun if it fails part way through.",
    help: null,
    rule_name: 'prefer-robust-stmts',
    column_end: 26,
    line_end: 4,
  },
]

const files = [
  {
    path: '-rf/b.sql',
    text: 'ALTER TABLE a\n  -- é\n  DROP COLUMN b;\n\nCREATE INDEX i ON big (c);\n',
    statements: [
      { line: 1, text: 'ALTER TABLE a DROP COLUMN b' },
      { line: 5, text: 'CREATE INDEX i ON big (c)' },
    ],
  },
]

/** Lints with a squawk that is this shell script, and nothing else on PATH. */
async function lint(script: string | null, timeoutMs = 5000) {
  const directory = await mkdtemp(join(tmpdir(), 'gonogo-fake-squawk-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  if (script !== null) {
    const program = join(directory, 'squawk')
    const version = '[ "$1" = --version ] && echo "squawk 2.66.0" && exit 0'
    await writeFile(program, `#!/bin/sh\n${version}\n${script}\n`)
    await chmod(program, 0o755)
  }
  const env = { PATH: script === null ? directory : `${directory}:${process.env['PATH']}` }
  return await lintWithSquawk({ processes: createProcesses(), env, timeoutMs }, files)
}

function printing(text: string, exit = 1): string {
  return `cat <<'END'\n${text}\nEND\nexit ${exit}`
}

describe('squawk', () => {
  it('is told of the statement it looked at, without what is a matter of taste', async () => {
    const { linter, findings, problem } = await lint(printing(JSON.stringify(recorded)))
    expect({ linter, problem }).toEqual({ linter: 'squawk 2.66.0', problem: null })
    expect(findings).toEqual([
      {
        file: '-rf/b.sql',
        line: 1,
        statement: 'ALTER TABLE a DROP COLUMN b',
        effect: 'squawk: Dropping a column may break existing clients.',
        advice: "see squawk's rule ban-drop-column",
      },
      {
        file: '-rf/b.sql',
        line: 5,
        statement: 'CREATE INDEX i ON big (c)',
        effect: `squawk: ${recorded[1]!.message}`,
        advice: 'Use `concurrently` to avoid blocking writes.',
      },
    ])
  })

  it('gets the text itself, as files whose names are ours, and nothing of it stays', async () => {
    const shown = `printf '[{"file":"0.sql","line":0,"rule_name":"r","help":null,"message":"%s %s %s"}]' "$*" "$(head -1 0.sql)" "$(pwd)"`
    const { findings } = await lint(shown)
    const [, directory = ''] =
      /--reporter json 0\.sql ALTER TABLE a (\S+)$/.exec(findings[0]!.effect ?? '') ?? []
    expect(directory).toContain('gonogo-squawk-')
    await expect(readdir(directory)).rejects.toThrow('ENOENT')
  })

  it('may be missing', async () => {
    expect(await lint(null)).toEqual({ linter: null, findings: [], problem: null })
  })

  it.each([
    ['crashes', 'echo "panicked" >&2; exit 101', 'squawk ended with 101: panicked'],
    ['prints something else', printing('warning: no JSON'), 'squawk printed no list of JSON'],
    ['prints another shape', printing('[{"file":1}]'), 'squawk printed no list of JSON'],
    ['hangs', 'sleep 30', 'squawk did not end in time'],
  ])('that %s is said, and nothing is taken for clean', async (_, script, problem) => {
    const answer = await lint(script, 300)
    expect(answer).toEqual({ linter: 'squawk 2.66.0', findings: [], problem })
  })
})
