import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import type { ClinicProject } from '../../src/setup/sample/project.ts'
import type { Hub } from '../../test/hub/hub.ts'

export type EnvironmentName = 'staging' | 'production'

/** The clinic's gonogo.yaml with GitHub in place of the local pipeline; everything else stays. */
export async function clinicConfiguration(
  { directory }: ClinicProject,
  { apiUrl, repository }: Pick<Hub, 'apiUrl' | 'repository'>,
): Promise<string> {
  const document = parseDocument(await readFile(join(directory, 'gonogo.yaml'), 'utf8'))
  document.set('pipeline', 'github')
  document.set('github', { repository, api_url: apiUrl, workflow: 'cd.yml' })
  for (const name of ['staging', 'production']) document.deleteIn(['environments', name, 'local'])
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
