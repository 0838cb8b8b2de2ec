import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '../../src/core/failure.ts'
import { openWorkshop, type Workshop } from '../support/small-project.ts'
import { shellAttempts } from './shell-attempts.ts'
import { until } from '../support/until.ts'
import { describeAsRoot } from './as-root.ts'
import { remember, type Snapshot, type Victim } from './victim.ts'
import { victimAtL0 } from './victim-l0.ts'
import { victimAtL1 } from './victim-l1.ts'

// Somebody with a shell as gonogo's user tries to get v2 to production without the approver.

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop?.close())

describe('with a shell as the same user, at L0', () => {
  let victim: Victim
  let before: Snapshot
  beforeAll(async () => {
    victim = await victimAtL0(shop)
    before = remember(victim)
  })
  afterAll(() => victim?.close())

  it.each(shellAttempts)('$name: $works', async ({ works, run }) => {
    await expectHarm(victim, before, run, works !== 'nowhere')
  })
})

describeAsRoot('with a shell as the same user, at L1', () => {
  let victim: Victim
  let before: Snapshot
  beforeAll(async () => {
    victim = await victimAtL1(shop)
    before = remember(victim)
  })
  afterAll(() => victim?.close())

  it.each(shellAttempts)('$name: $works', async ({ works, run }) => {
    await expectHarm(victim, before, run, works === 'around')
  })

  it('lets through what the approver signed', async () => {
    await victim.approve(victim.requests.open)
    const approved = { staging_version: 'v2', approval_token: victim.requests.open }
    expect(await victim.ask('promote_to_production', approved)).toContain('"level":"L1"')
    await until('production to change', () => before.isHarmed())
    await victim.settled()
  })
})

async function expectHarm(
  victim: Victim,
  before: Snapshot,
  attempt: (victim: Victim) => unknown,
  expected: boolean,
): Promise<void> {
  const { said, all } = overheard(victim)
  try {
    await attempt(said)
  } catch (error) {
    if (!isRefusal(error)) throw error
    all.push(String(error))
  }
  try {
    await victim.settled()
    expect(before.isHarmed(), all.join('\n')).toBe(expected)
  } finally {
    before.restore()
  }
}

/** The system, or gonogo, would not do it: any other error is one of these tests. */
function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return error instanceof Failure || code === 'EACCES' || code === 'EPERM'
}

/** The same victim, and all that gonogo says to the attacker. */
function overheard(victim: Victim): { said: Victim; all: string[] } {
  const all: string[] = []
  const kept = async (answer: Promise<string>) => {
    const text = await answer
    all.push(text.slice(-500))
    return text
  }
  const said: Victim = {
    ...victim,
    ask: (...args) => kept(victim.ask(...args)),
    gonogo: (...args) => kept(victim.gonogo(...args)),
  }
  return { said, all }
}
