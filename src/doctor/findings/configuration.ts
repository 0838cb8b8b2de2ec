import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { fail, note, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

/** Where the configuration comes from, and what replaces it. */
export async function configurationFindings(patient: Patient): Promise<Finding[]> {
  return [source(patient), ...overridden(patient), ...(await schemaFile(patient))]
}

/** One finding for each line of what the loader found wrong. */
export function brokenConfiguration({ message, hint }: Failure): Finding[] {
  return message
    .split('\n')
    .map((line) => fail('configuration', oneLine(line, 300), oneLine(hint, 300)))
}

function source({ call: { project, policyHash } }: Patient): Finding {
  const names = project.environments.map(({ name }) => name).join(', ')
  const what = `project ${project.name}, ${names}; policy ${policyHash.slice(0, 12)}`
  if (project.config_file !== null)
    return ok('configuration', `${project.config_file} is valid: ${what}`)
  const message = `there is no gonogo.yaml; variables alone describe ${what}`
  return note('configuration', message, 'gonogo init')
}

function overridden({ overrides, call: { project } }: Patient): Finding[] {
  if (project.config_file === null) return []
  return overrides.map(({ variable, key }) =>
    note('variable_override', `${variable} replaces ${key} of the file`, `unset ${variable}`),
  )
}

async function schemaFile({ schema }: Patient): Promise<Finding[]> {
  if (schema === null) return []
  const written = await readFile(schema.file, 'utf8').catch(() => null)
  if (written === null) return []
  if (written === schema.text) return [ok('schema_file', `${schema.file} is this version's`)]
  const message = `${schema.file} is another version's: editors check gonogo.yaml against old keys`
  const fix = `gonogo config schema --write --project ${dirname(schema.file)}`
  return [warn('schema_file', message, fix)]
}
