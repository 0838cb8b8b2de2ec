import { tools } from '../../src/tools/index.ts'
import { toFailure } from '../../src/core/failure.ts'
import type { Context } from '../../src/ports/context.ts'
import type { SmallConfig } from '../support/small-config.ts'
import type { SmallProject, Workshop } from '../support/small-project.ts'
import { startMachine, type Machine, type MachineOptions } from './machine.ts'
import type { Victim } from './victim.ts'

export const staticToken = 'kestrel-umbra-static-4471-9fJ2'

/** Whose requests they all are: names of clients are claims, so the attacker's is the same. */
const requester = { kind: 'agent', name: 'assistant' } as const

/** Staging and production of which each step of production leaves a trace. */
export function traced(config: SmallConfig, witness: string): void {
  const run = ['sh', '-c', `echo "production $GONOGO_VERSION" >> "${witness}"`]
  config.environments['production']!.local.activate = [{ name: 'activate', run }]
  config.environments['production']!.local.prepare = []
}

/** Production runs v1, staging v2; four requests are left, none of which lets v2 go on. */
export async function playShellActs(
  options: MachineOptions,
  project: SmallProject,
  shop: Workshop,
): Promise<Victim['requests']> {
  const machine = startMachine(options)
  const earlier = startMachine({ ...options, behindMs: 3_600_000 })
  try {
    const context = await machine.open()
    const stage = (version: 'v1' | 'v2') => toStaging(machine, context, { project, shop, version })
    await machine.gonogo(['trust', '--key', shop.key, '--confirm', 'small'])
    await stage('v1')
    const used = await asked(machine, context, 'v1')
    await approveOn(machine, shop, used)
    await answer(machine, context, 'promote_to_production', {
      staging_version: 'v1',
      approval_token: used,
    })
    await machine.settled()
    await stage('v2')
    const expired = await asked(earlier, await earlier.open(), 'v2')
    await approveOn(earlier, shop, expired)
    const rejected = await asked(machine, context, 'v2')
    const no = await machine.gonogo(['reject', rejected, '--key', shop.key, '--reason', 'no'])
    if (no.exitCode !== 0) throw new Error(no.text)
    return { used, expired, rejected, open: await asked(machine, context, 'v2') }
  } finally {
    await machine.close()
    await earlier.close()
  }
}

export async function approveOn(machine: Machine, shop: Workshop, id: string): Promise<void> {
  const signed = ['--key', shop.key, '--confirm', 'production']
  const { exitCode, text } = await machine.gonogo(['approve', id, ...signed])
  if (exitCode !== 0) throw new Error(text)
}

interface Staged {
  project: SmallProject
  shop: Workshop
  version: 'v1' | 'v2'
}

async function toStaging(machine: Machine, context: Context, staged: Staged): Promise<void> {
  const { project, shop, version } = staged
  project.live['staging']!.claims = shop.shas[version]
  const { exitCode, text } = await machine.gonogo(['adopt', 'staging', version])
  if (exitCode !== 0) throw new Error(text)
  await answer(machine, context, 'run_smoke_tests', { environment: 'staging' })
}

async function asked(machine: Machine, context: Context, staging_version: string): Promise<string> {
  const said = await answer(machine, context, 'promote_to_production', { staging_version })
  const [id] = /apr_[0-9a-z]{26}/.exec(said) ?? []
  if (id === undefined) throw new Error(`no request came of it: ${said}`)
  return id
}

/** What a tool answers, in words. */
export async function answer(
  machine: Machine,
  context: Context,
  name: string,
  args: object,
): Promise<string> {
  const tool = tools.find((candidate) => candidate.name === name)!
  try {
    return JSON.stringify((await tool.call(args, machine.call(context, requester))).output)
  } catch (error) {
    const { code, message } = toFailure(error)
    return `${code}: ${message}`
  }
}
