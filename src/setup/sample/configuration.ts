import type { ClinicProject, ClinicProjectOptions } from './project.ts'

/**
 * The sample's gonogo.yaml. Every key is explained in docs/config.md. Whatever comes from outside is
 * written as JSON, which is YAML with nothing to interpret.
 */
export function configuration(project: ClinicProject, options: ClinicProjectOptions): string {
  const { tests = [process.execPath, '--test', '--test-isolation=none'], mode = 'standard' } =
    options
  return `# yaml-language-server: $schema=gonogo.schema.json
# A small service, with staging and production as processes on this machine.
project: clinic
repository: ./clinic
default_branch: main
pipeline: local
# Records, logs, the audit log and the list of approvers: everything of the sample is below here.
state_directory: ./state
# A key in your home, and a gonogo that your user can change, reach level L0 only. "strict" wants L1 and
# would refuse them; that is right for a real production and in the way of a first try.
approvals: { mode: ${mode} }
tests:
  - { name: clinic tests, run: ${JSON.stringify(tests)}, timeout_seconds: 120 }
${security(options)}# What the live service must answer, in this order.
smoke:
${smoke}environments:
${environment('staging', project, options)}
${environment('production', project, options)}
`
}

function security({ registry }: ClinicProjectOptions): string {
  if (registry === undefined) return '# The dependency scan asks the registry that npm is set to.\n'
  return `security:\n  npm_registry: ${JSON.stringify(registry)}\n`
}

const smoke = `  basic:
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
`

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
    # The port was free when this was written. It is here and in PORT below.
    url: ${url}
    health: { api: /health/api, database: /health/database }
    version: { path: /version, json_path: commit }
    variables:
      SESSION_SECRET: { min_length: 32 }
      CLINIC_ADMIN_PASSWORD: { min_length: 12, forbidden: [changeme] }
    env:
      PORT: "${new URL(url).port}"
      CLINIC_DATA: ${JSON.stringify(project.data[name])}
      CLINIC_ENV: ${name}
    env_file: ./${name}.env
    local:
      directory: ./${name}
      prepare:
${extra}        - { name: migrate, run: ${service('ops/migrate.js')} }
      activate:
        - { name: restart, run: ${service('ops/service.js', 'restart')}, timeout_seconds: 60 }`
}

/** By the Node that made the sample: the one on a shell's PATH may be too old for it. */
function service(...args: string[]): string {
  return JSON.stringify([process.execPath, ...args])
}
