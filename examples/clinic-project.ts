import { writeFile, mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { makeClinicRepository, type ClinicHistory } from './make-clinic-repository.ts'

/** A clinic ready to be deployed: repository, configuration, secrets, nothing running yet. */
export interface ClinicProject {
  /** Holds gonogo.yaml; what `--project` takes. */
  directory: string
  repository: string
  history: ClinicHistory
  stateDirectory: string
  urls: { staging: string; production: string }
  /** Where each environment keeps its data, pid file and log. */
  data: { staging: string; production: string }
}

export interface ClinicProjectOptions {
  /** Registry that answers `npm audit`. */
  registry: string
  /** `strict` wants level L1, which a throw-away key cannot reach. */
  mode?: 'standard' | 'strict'
  /** Test command; default: the clinic's own suite. */
  tests?: readonly string[]
  /** Steps put in front of the deployment's own, for both environments. */
  prepare?: readonly { name: string; run: readonly string[]; timeout_seconds?: number }[]
}

/** Builds everything below `root`, which must exist. */
export async function makeClinicProject(
  root: string,
  options: ClinicProjectOptions,
): Promise<ClinicProject> {
  const repository = join(root, 'clinic')
  await mkdir(repository)
  const history = await makeClinicRepository(repository)
  const [staging, production] = [await freePort(), await freePort()]
  const project: ClinicProject = {
    directory: root,
    repository,
    history,
    stateDirectory: join(root, 'state'),
    urls: { staging: `http://127.0.0.1:${staging}`, production: `http://127.0.0.1:${production}` },
    data: { staging: join(root, 'data-staging'), production: join(root, 'data-production') },
  }
  for (const name of ['staging', 'production'] as const) {
    await mkdir(project.data[name])
    await writeFile(join(root, `${name}.env`), secretsOf(name), { mode: 0o600 })
  }
  await writeFile(join(root, 'gonogo.yaml'), configuration(project, options))
  return project
}

/** A sample configuration; every key is explained in docs/config.md. */
function configuration(project: ClinicProject, options: ClinicProjectOptions): string {
  const { tests = ['npm', 'test'], mode = 'standard', registry } = options
  return `project: clinic
repository: ./clinic
default_branch: main
pipeline: local
state_directory: ./state
approvals: { mode: ${mode} }
tests:
  - { name: clinic tests, run: ${JSON.stringify(tests)}, timeout_seconds: 120 }
security:
  npm_registry: ${registry}
smoke:
  basic:
    - name: health
      path: /health
      expect: { status: 200, json: { status: healthy } }
    - name: log in
      method: POST
      path: /login
      body: { user: reception, password: "{{env.CLINIC_ADMIN_PASSWORD}}" }
      expect: { status: 200 }
      capture: { token: token }
    - name: make an appointment
      method: POST
      path: /appointments
      headers: { authorization: "Bearer {{token}}" }
      body: { patient: Ada, at: "2030-01-01T09:00:00Z" }
      expect: { status: 201 }
      capture: { id: id }
    - name: read it back
      path: "/appointments/{{id}}"
      headers: { authorization: "Bearer {{token}}" }
      expect: { status: 200, json: { patient: Ada } }
    - name: cancel it
      method: DELETE
      path: "/appointments/{{id}}"
      headers: { authorization: "Bearer {{token}}" }
      expect: { status: 204 }
  full:
    - name: refuses a stranger
      path: /appointments
      expect: { status: 401 }
environments:
${environment('staging', project, options)}
${environment('production', project, options)}
`
}

function environment(
  name: 'staging' | 'production',
  project: ClinicProject,
  options: ClinicProjectOptions,
): string {
  const url = project.urls[name]
  const extra = (options.prepare ?? [])
    .map((step) => `        - ${JSON.stringify(step)}\n`)
    .join('')
  return `  ${name}:
    url: ${url}
    health: { api: /health/api, database: /health/database }
    version: { path: /version, json_path: commit }
    variables:
      SESSION_SECRET: { min_length: 32 }
      CLINIC_ADMIN_PASSWORD: { min_length: 12, forbidden: [changeme] }
    env:
      PORT: "${new URL(url).port}"
      CLINIC_DATA: ${project.data[name]}
      CLINIC_ENV: ${name}
    env_file: ./${name}.env
    local:
      directory: ./${name}
      prepare:
${extra}        - { name: migrate, run: [node, ops/migrate.js] }
      activate:
        - { name: restart, run: [node, ops/service.js, restart], timeout_seconds: 60 }`
}

/** Different in each environment, and made up anew by nobody: the sample has nothing to protect. */
function secretsOf(name: string): string {
  return `SESSION_SECRET=${`sample-session-secret-of-${name}`.padEnd(48, '-')}\nCLINIC_ADMIN_PASSWORD=sample-password-${name}\n`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
