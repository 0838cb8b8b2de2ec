import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { allowedEnvironment } from '../../src/adapters/process/environment.ts'
import { runSsh } from '../../src/adapters/ssh/program.ts'
import { environmentVariables } from '../../src/config/environment-variables.ts'
import type { Processes, RunResult } from '../../src/ports/process.ts'

const repository = join(import.meta.dirname, '../..')
const docs = readFileSync(join(repository, 'docs/config.md'), 'utf8')

/** An environment that writes down what is read of it. */
function watched() {
  const names = new Set<string>()
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    { get: (_, name) => void names.add(String(name)) },
  )
  return { names, env }
}

// `env.NAME` is how a smoke step inserts a variable, and the one way that reads nothing.
const reads = [
  /(?<!\{\{)\benv(?:\.|\[')([A-Z][A-Z0-9_]+)\b/g,
  /\breadVariable\(\s*\w+,\s*'([A-Z0-9_]+)'/g,
  /\bvariable: '([A-Z0-9_]+)'/g,
  /\bmovable\(\s*\w+,\s*'([A-Z0-9_]+)'/g,
]

it('every variable that the source reads is in the reference', () => {
  const files = globSync('src/**/*.ts', { cwd: repository })
  const sources = files.map((file) => readFileSync(join(repository, file), 'utf8'))
  const found = sources.flatMap((text) =>
    reads.flatMap((pattern) => Array.from(text.matchAll(pattern), ([, name = '']) => name)),
  )
  const names = new Set(found.filter((name) => name !== 'NAME'))
  expect([...names]).toEqual(
    expect.arrayContaining(['GONOGO_DEBUG', 'GONOGO_APPROVAL_TOKEN', 'GITHUB_TOKEN', 'NO_COLOR']),
  )
  expect([...names].filter((name) => !Object.hasOwn(environmentVariables, name))).toEqual([])
})

it('every variable that is handed on to programs is in the reference', async () => {
  const { names, env } = watched()
  allowedEnvironment(env, { terminal: true, requests: true, tokens: true })
  const processes = { run: async () => ({ exitCode: 0 }) as RunResult } as unknown as Processes
  await runSsh({ processes, env }, ['ssh-keygen'])
  expect(names.size).toBeGreaterThan(10)
  expect([...names].filter((name) => !docs.includes(`\`${name}\``))).toEqual([])
})
