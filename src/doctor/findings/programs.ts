import type { Environment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import { fail, ok, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { programFile } from '../places.ts'

/** A program that something starts, and the PATH it will be looked for in. */
interface Use {
  where: string
  program: string
  path: string
}

/** Whether the programs of steps and tests are there. */
export async function programFindings(patient: Patient): Promise<Finding[]> {
  const { project } = patient.call
  const path = patient.env['PATH'] ?? ''
  const tests = project.tests.map(({ name, run }) => used(`test ${name}`, run, path))
  const steps = await Promise.all(
    project.environments.map((environment) => stepsOf(patient, environment, path)),
  )
  // One with a slash belongs to the release, which is not here yet.
  const uses = [...tests, ...steps.flat()].filter(({ program }) => !/^[^/].*\//.test(program))
  const missing = (await Promise.all(uses.map(missingFinding))).flat()
  if (missing.length > 0 || uses.length === 0) return missing
  const names = [...new Set(uses.map(({ program }) => program))].join(', ')
  return [ok('programs', `programs of steps and tests are there: ${oneLine(names)}`)]
}

async function stepsOf({ call }: Patient, environment: Environment, path: string): Promise<Use[]> {
  const { name, local } = environment
  if (local === null) return []
  // Variables that cannot be read are a finding of their own.
  const variables = await call.variables.of(environment).catch(() => environment.env)
  return [...local.prepare, ...local.activate].map((step) =>
    used(`step ${step.name} of ${name}`, step.run, variables['PATH'] ?? path),
  )
}

function used(where: string, [program = '']: readonly string[], path: string): Use {
  return { where, program, path }
}

async function missingFinding({ where, program, path }: Use): Promise<Finding[]> {
  if ((await programFile(program, path)) !== null) return []
  const name = oneLine(program, 60)
  const message = `${oneLine(where)} starts ${name}, which is not on the PATH it gets`
  return [fail('programs', message, `install ${name}, then: command -v ${name}`)]
}
