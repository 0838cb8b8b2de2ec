import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { configSchemaText, schemaFileName } from '../../config/json-schema.ts'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { makeClinicProject, type ClinicProject } from '../../setup/sample/project.ts'
import { exits, type ExitCode } from '../exit.ts'
import { quoted, type CommonOptions } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Surface } from '../surface.ts'

/** A command to try, and what it shows. */
interface Step {
  run: string
  shows: string
}

/** Makes a small service with a history of good and bad releases, ready to be deployed here. */
export async function runInitDemo(surface: Surface, options: CommonOptions): Promise<ExitCode> {
  const directory = resolve(surface.cwd, options.project ?? 'gonogo-demo')
  const made = await claim(directory)
  try {
    const project = await makeClinicProject(directory)
    await writeFile(join(directory, schemaFileName), configSchemaText())
    show(surface, options, project)
    return exits.done
  } catch (error) {
    await clear(directory, made)
    throw notMade(directory, error)
  }
}

/** Whether the directory had to be made. One that holds something is somebody's. */
async function claim(directory: string): Promise<boolean> {
  try {
    const made = (await mkdir(directory, { recursive: true })) !== undefined
    if ((await readdir(directory)).length === 0) return made
  } catch (error) {
    throw notMade(directory, error)
  }
  throw new Failure({
    code: 'invalid_input',
    message: `${directory} is not empty, and is left as it is`,
    hint: 'choose another directory: gonogo init --demo --project DIR',
    details: { field: 'project' },
  })
}

/** Half a sample helps nobody, and would be in the way of the next try. */
async function clear(directory: string, made: boolean): Promise<void> {
  const names = made ? ['.'] : await readdir(directory).catch(() => [])
  for (const name of names) await rm(join(directory, name), { recursive: true, force: true })
}

function notMade(directory: string, error: unknown): Failure {
  const { code, syscall, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string }
  if (code === 'ENOENT' && syscall?.startsWith('spawn')) {
    return new Failure({
      code: 'missing_program',
      message: 'the sample is a git repository, and git is not installed',
      hint: 'install git, then run gonogo init --demo again',
      cause: error,
    })
  }
  const why = stderr?.trim() || code || message
  return new Failure({
    code: 'invalid_input',
    message: `the sample cannot be made in ${directory}: ${oneLine(why)}`,
    hint: 'choose a directory you may write to: gonogo init --demo --project DIR',
    cause: error,
  })
}

function show(surface: Surface, options: CommonOptions, project: ClinicProject): void {
  const steps = journey(project, relative(surface.cwd, project.directory) || '.')
  if (options.json) {
    const { directory, urls } = project
    const body = { schema_version: 1, directory, urls, next: steps }
    surface.out.write(`${JSON.stringify(body, null, 2)}\n`)
    return
  }
  const { out } = surface
  const { strong, faint } = paletteFor(out)
  out.write(`made the sample in ${project.directory}\n`)
  if (options.quiet) return
  out.write('A small service in a git repository, with staging and production on this machine.\n')
  out.write(`\n${strong('Try, in this order:')}\n`)
  for (const { run, shows } of steps) out.write(`\n  ${faint(`# ${shows}`)}\n  ${run}\n`)
}

/** The whole story of a release, good and bad, and how to be rid of it all. */
function journey({ directory, data }: ClinicProject, place: string): Step[] {
  const service = quoted(join(directory, 'clinic/ops/service.js'))
  const stops = Object.values(data).map(
    (path) => `CLINIC_DATA=${quoted(path)} ${quoted(process.execPath)} ${service} stop`,
  )
  const steps: [string, string][] = [
    ['every command below is meant for this directory', `cd ${quoted(place)}`],
    ['a good release: its own tests, a scan, its settings', 'gonogo validate staging v1.0.0'],
    ['a branch with a failing test', 'gonogo validate staging red'],
    ['a branch with credentials in a file', 'gonogo scan leaky'],
    ['staging is a process on this machine', 'gonogo deploy v1.0.0 --yes --watch'],
    ['log in, write, read back, delete', 'gonogo smoke staging'],
    ['once: whose signature counts', 'gonogo approver add NAME --key ~/.ssh/id_ed25519'],
    ['answers with the id of a request', 'gonogo promote v1.0.0'],
    ['you read the plan and sign it', 'gonogo approve ID --key ~/.ssh/id_ed25519'],
    ['the same call with the approval', 'gonogo promote v1.0.0 --approval-token ID --watch'],
    [
      'v1.2.0 works in staging and fails in production: take it there in the same way, then',
      'gonogo rollback production --reason "no appointments can be made"',
    ],
    ['what happened', 'gonogo list && gonogo audit'],
    ['stop the services', stops.join(' && ')],
    ['leave nothing behind', `rm -r ${quoted(directory)}`],
  ]
  return steps.map(([shows, run]) => ({ run, shows }))
}
