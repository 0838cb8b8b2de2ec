import { Failure } from '../../src/core/failure.ts'
import type { Deployment } from '../../src/core/deployment.ts'
import { examine } from '../../src/doctor/examine.ts'
import type { Finding, FindingId } from '../../src/doctor/finding.ts'
import { lookingOnly, sharedLooks, type Machine, type Patient } from '../../src/doctor/patient.ts'
import type { Call } from '../../src/ports/context.ts'
import { deployment } from '../adapters/store/rows.ts'
import type { World } from '../support/fake-context.ts'

/** What each program prints; one that is missing here is not installed. */
export const programs: Record<string, string> = {
  git: 'git version 2.45.1',
  'ssh-keygen': 'Too few arguments',
  ssh: 'OpenSSH_9.6p1, OpenSSL 3.0.13',
  npm: '11.0.0',
}

export function machine(installed = programs, env: Record<string, string> = {}): Machine {
  return {
    version: '1.2.3',
    env: { PATH: '/usr/bin:/bin', ...env },
    variables: ['GONOGO_PROJECT', 'STAGING_URL'],
    root: false,
    processes: {
      async run([program = '']) {
        const text = installed[program]
        if (text === undefined)
          throw new Failure({ code: 'missing_program', message: program, hint: 'install it' })
        const none = new Uint8Array()
        const ended = { exitCode: 0, signal: null, timedOut: false, truncated: false }
        return { ...ended, stdout: Buffer.from(text), stderr: none }
      },
    },
  }
}

/** The project of a world, as the doctor gets to see it. */
export function patient(call: Call, changes: Partial<Patient> = {}): Patient {
  const looking = lookingOnly(call)
  return {
    ...machine(),
    ...sharedLooks(looking),
    call: looking,
    overrides: [],
    schema: null,
    offline: false,
    ...changes,
  }
}

/** The whole examination, as `[status, message, fix]` by finding. */
export async function told(call: Call, changes: Partial<Patient> = {}): Promise<Told> {
  const subject = patient(call, changes)
  return byId(await examine(subject, { patient: subject }, 2_000))
}

export type Told = Partial<Record<FindingId | 'not_checked', [string, string, string | null][]>>

export function byId(findings: readonly Finding[]): Told {
  const all: Told = {}
  for (const { id, status, message, fix } of findings) {
    ;(all[id] ??= []).push([status, message, fix])
  }
  return all
}

/** Puts a deployment into the store of a world. */
export async function put(world: World, changes: Partial<Deployment>): Promise<void> {
  await world.call.store.write((tables) =>
    tables.deployments.insert(deployment('dep_1', { created_at: 1_000, ...changes })),
  )
}
