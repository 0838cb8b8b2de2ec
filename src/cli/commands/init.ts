import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { exits, type ExitCode } from '../exit.ts'
import type { CommonOptions } from '../session.ts'
import type { Surface } from '../surface.ts'

/** Writes a starting point. An existing file is never touched. */
export async function runInit(surface: Surface, options: CommonOptions): Promise<ExitCode> {
  const directory = resolve(surface.cwd, options.project ?? '.')
  const file = resolve(directory, 'gonogo.yaml')
  try {
    await writeFile(file, template(basename(directory)), { flag: 'wx' })
  } catch (error) {
    throw cannotWrite(file, error as NodeJS.ErrnoException)
  }
  const result = { schema_version: 1, file }
  surface.out.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : `wrote ${file}\n`)
  if (!options.quiet) {
    surface.err.write('next: edit the steps, then run gonogo validate staging HEAD\n')
  }
  return exits.done
}

function cannotWrite(file: string, error: NodeJS.ErrnoException): Failure {
  const exists = error.code === 'EEXIST'
  return new Failure({
    code: 'invalid_input',
    message: exists
      ? `${file} exists and is left as it is`
      : `${file} cannot be written: ${error.code}`,
    hint: exists
      ? 'edit it; docs/config.md names every key'
      : 'choose a directory with --project DIR',
    cause: error,
  })
}

function template(directory: string): string {
  const project =
    directory.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'project'
  return `# What every key means: docs/config.md. Secrets do not belong here: use env_file or pass_env.
project: ${project}
pipeline: local
approvals:
  # Signatures of level L1 or more, and no static tokens. Use "standard" to try gonogo out.
  mode: strict
# Run for the commit in a clean copy of its tree. Without them no commit is valid.
tests:
  - { name: unit, run: [npm, test] }
# What the live system must answer after each deployment, and before a promotion.
smoke:
  basic:
    - { name: answers, path: /, expect: { status: 200 } }
environments:
  staging:
    url: http://127.0.0.1:4001
    local:
      directory: ../${project}-staging
      # In the new release's directory, before it becomes current.
      prepare:
        - { name: install, run: [npm, ci] }
      # After it became current: make the running service use it.
      activate:
        - { name: restart, run: [npm, run, restart] }
  production:
    url: http://127.0.0.1:4000
    local:
      directory: ../${project}-production
      prepare:
        - { name: install, run: [npm, ci] }
      activate:
        - { name: restart, run: [npm, run, restart] }
`
}
