// A runner process for tests: checks releases out by copying the "repository" directory, and reads
// variables the way the configuration promises.
import { cp, readFile } from 'node:fs/promises'
import { runLocal, readLocalRequest } from '../../src/adapters/local/runner.ts'
import { allowedEnvironment } from '../../src/adapters/process/environment.ts'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { createRuntime } from '../../src/adapters/runtime/runtime.ts'
import type { Environment } from '../../src/core/project.ts'

// Not the most that the system remembers: that begins with the size of who started this.
let peak = 0
setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10).unref()

const directory = process.argv[2]!
const { repository } = await readLocalRequest(directory)

await runLocal(directory, {
  runtime: createRuntime(),
  processes: createProcesses(),
  source: { export: (_sha, target) => cp(repository, target, { recursive: true }) },
  variables: { of: variablesOf },
  baseEnvironment: allowedEnvironment(),
})
console.error(JSON.stringify({ max_rss_kib: Math.round(peak / 1024) }))

async function variablesOf(environment: Environment): Promise<Record<string, string>> {
  const { env, env_file: file, pass_env: names } = environment
  const lines = file === null ? [] : (await readFile(file, 'utf8')).trim().split('\n')
  const fromFile = lines.map((line) => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ])
  const passed = names.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return { ...env, ...Object.fromEntries(fromFile), ...Object.fromEntries(passed) }
}
