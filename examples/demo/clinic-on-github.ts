import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import type { ClinicProject } from '../../src/setup/sample/project.ts'
import type { Hub } from '../../test/hub/hub.ts'

export type EnvironmentName = 'staging' | 'production'

/**
 * The clinic's gonogo.yaml for GitHub, in strict mode: it lies in the repository, so that the protected
 * branch says what holds, and whoever approves does it there, with a login.
 */
export async function clinicConfiguration(
  { directory }: ClinicProject,
  { apiUrl, repository }: Pick<Hub, 'apiUrl' | 'repository'>,
  approver: string,
): Promise<string> {
  const document = parseDocument(await readFile(join(directory, 'gonogo.yaml'), 'utf8'))
  document.set('repository', '.')
  document.set('state_directory', '../state')
  document.set('pipeline', 'github')
  document.set('github', { repository, api_url: apiUrl, workflow: 'cd.yml' })
  const people = { [approver]: { github: [approver] } }
  document.set('approvals', { mode: 'strict', github: 'issues', people })
  for (const name of ['staging', 'production']) {
    document.deleteIn(['environments', name, 'local'])
    document.setIn(['environments', name, 'env_file'], `../${name}.env`)
  }
  document.setIn(['environments', 'production', 'least_level'], 'L2')
  return String(document)
}

/** The same project as a team has it that knows static tokens only. */
export function inCompatibilityMode(configuration: string): string {
  const document = parseDocument(configuration)
  document.set('approvals', { mode: 'standard' })
  document.deleteIn(['environments', 'production', 'least_level'])
  return String(document)
}

/** What the clinic's scripts see: on GitHub these are variables and secrets of the environment. */
export async function environmentOf(
  project: ClinicProject,
  name: EnvironmentName,
  commit: string,
  version: string,
): Promise<Record<string, string>> {
  const text = await readFile(join(project.directory, `${name}.env`), 'utf8')
  const secrets = Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : []
    }),
  ) as Record<string, string>
  return {
    ...secrets,
    PATH: process.env.PATH ?? '',
    PORT: new URL(project.urls[name]).port,
    CLINIC_DATA: project.data[name],
    CLINIC_ENV: name,
    GONOGO_COMMIT: commit,
    GONOGO_VERSION: version,
  }
}
