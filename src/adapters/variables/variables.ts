import { readFile } from 'node:fs/promises'
import { Failure } from '../../core/failure.ts'
import type { Variables } from '../../ports/variables.ts'
import { parseEnvFile } from './env-file.ts'

/** Variables from the configuration and this process; the file is read anew on each call. */
export function createVariables(deps: {
  env: Readonly<Record<string, string | undefined>>
}): Variables {
  return {
    async of(environment) {
      const { env, env_file, pass_env } = environment
      const fromFile = env_file === null ? {} : await readEnvFile(env_file, environment.name)
      const passed = pass_env.flatMap((name): [string, string][] => {
        const value = deps.env[name]
        return value === undefined ? [] : [[name, value]]
      })
      return { ...env, ...fromFile, ...Object.fromEntries(passed) }
    },
  }
}

async function readEnvFile(file: string, environment: string): Promise<Record<string, string>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw unusable(file, environment, `cannot be read (${error.code})`, error)
  })
  const { values, problem } = parseEnvFile(text)
  if (problem) throw unusable(file, environment, `line ${problem.line} ${problem.message}`)
  return values
}

function unusable(file: string, environment: string, reason: string, cause?: unknown): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message: `environments.${environment}.env_file: ${file} ${reason}`,
    hint: `correct ${file}, or env_file in gonogo.yaml, then run: gonogo list`,
    cause,
  })
}
