import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { symptom } from '../docs/symptom.ts'
import { addApprover, removeApprover } from '../../src/desk/approvers.ts'
import { Failure } from '../../src/core/failure.ts'
import type { Context } from '../../src/ports/context.ts'
import type { SmallConfig } from '../support/small-config.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'

/** One project whose promotions need an approval and nothing else. */
let shop: Workshop
let project: SmallProject
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project()
})
afterAll(async () => {
  await project.close()
  await shop.close()
})

const VERSION = 'v1'
const promote = ['promote', VERSION]

/** For a command that was typed an hour ago. */
const anHourAgo = (context: Context): Context => ({
  ...context,
  runtime: { ...context.runtime, now: () => Date.now() - 3_600_000 },
})

/** The id of a request nobody decided yet: one for another plan replaces whatever was there. */
async function request(): Promise<string> {
  const wanted = { staging_version: VERSION }
  await project.tool('promote_to_production', { ...wanted, skip_smoke_tests: true })
  return (await project.tool('promote_to_production', wanted)).approval.id
}

/** A key of its own, made by ssh-keygen. */
async function keyNamed(name: string, passphrase = ''): Promise<string> {
  const file = join(project.root, name)
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file])
  return file
}

/** Works while these people may approve, too. */
async function withApprovers(
  keys: Record<string, string>,
  work: () => Promise<void>,
): Promise<void> {
  const entries = Object.entries(keys)
  await project.within(async (call) => {
    for (const [name, key] of entries) await addApprover(call, name, key)
  })
  try {
    await work()
  } finally {
    await project.within(async (call) => {
      for (const [name] of entries) await removeApprover(call, name)
    })
  }
}

const approving = (id: string, key: string) => [
  'approve',
  id,
  '--key',
  key,
  '--confirm',
  'production',
]

describe('a request', () => {
  symptom('approval-wanted', async ({ gonogo, saw, look, lookAgain, fix }) => {
    const { text, exitCode } = await gonogo(project, promote)
    expect(exitCode).toBe(6)
    saw(text)
    const shown = await look(project)
    const [id = ''] = /apr_\w+/.exec(shown) ?? []
    const command = 'gonogo approve apr_… --key FILE --confirm production'
    await fix(project, command, { 'apr_…': id, FILE: shop.key })
    await lookAgain(project)
  })

  symptom('invalid-token', async ({ saw, look, fix }) => {
    const wanted = { staging_version: VERSION, approval_token: 'letmein-letmein-letmein' }
    const principal = { kind: 'agent', name: 'claude-code' } as const
    const asked = project.tool('promote_to_production', wanted, { principal })
    const refused = await asked.catch((error: Failure) => error)
    saw(refused instanceof Failure ? refused.message : 'it was accepted')
    expect(await look(project)).not.toContain('letmein')
    expect((await fix(project, 'gonogo promote VERSION', { VERSION })).text).toMatch(/apr_\w+/)
  })

  symptom('approval-expired', async ({ gonogo, saw, look, fix }) => {
    const asked = await gonogo(project, ['promote', 'v2'], { adapt: anHourAgo })
    const [id = ''] = /apr_\w+/.exec(asked.text) ?? []
    saw((await gonogo(project, ['promote', 'v2', '--approval-token', id])).text)
    await look(project, { VERSION: 'v2', 'apr_…': id })
    const again = await fix(project, 'gonogo promote VERSION', { VERSION: 'v2' })
    expect(again.text).toMatch(/apr_\w+/)
    expect(again.text).not.toContain(id)
  })

  symptom('approval-rejected', async ({ gonogo, saw, look, fix }) => {
    const id = await request()
    await gonogo(project, ['reject', id, '--reason', 'not on a Friday'])
    saw((await gonogo(project, [...promote, '--approval-token', id])).text)
    await look(project, { VERSION, 'apr_…': id })
    expect((await fix(project, 'gonogo promote VERSION', { VERSION })).text).not.toContain(id)
  })

  symptom('plan-changed', async ({ gonogo, saw, look, lookAgain, fix }) => {
    const id = await project.approved(VERSION)
    project.config['evidence_hours'] = 23
    await project.save()
    saw((await gonogo(project, [...promote, '--approval-token', id])).text)
    await look(project, { VERSION, 'apr_…': id })
    const { text } = await fix(project, 'gonogo promote VERSION', { VERSION })
    const [next = ''] = /apr_\w+/.exec(text) ?? []
    await lookAgain(project, { VERSION, 'apr_…': next })
  })

  symptom('other-requester', async ({ gonogo, saw, look, fix }) => {
    const principal = { kind: 'agent', name: 'claude-code' } as const
    const id = await project.approved(VERSION, { principal })
    saw((await gonogo(project, [...promote, '--approval-token', id])).text)
    await look(project, { VERSION, 'apr_…': id })
    expect((await fix(project, 'gonogo promote VERSION', { VERSION })).text).not.toContain(id)
  })

  symptom('no-terminal', async ({ saw, look, gonogo, row }) => {
    await shop.with({ environments: ['staging', 'production'] }, async (other) => {
      const { text } = await gonogo(other, ['deploy', 'v1'])
      saw(text)
      await look(other, { VERSION })
      expect(row.fixes).toContain('gonogo deploy VERSION --yes')
      expect(text).toContain('gonogo deploy v1 --yes')
    })
  })
})

describe('an approver', () => {
  symptom('no-approvers', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await project.within((call) => removeApprover(call, 'ada'))
    saw((await gonogo(project, promote)).text)
    await look(project)
    const command = 'gonogo approver add NAME --key FILE'
    await fix(project, command, { NAME: 'ada', FILE: shop.key })
    await lookAgain(project)
  })

  symptom('unknown-key-of-approver', async ({ gonogo, saw, look, fix }) => {
    const FILE = await keyNamed('stranger')
    const command = approving(await request(), FILE)
    saw((await gonogo(project, command)).text)
    await look(project)
    await fix(project, 'gonogo approver add NAME --key FILE', { NAME: 'stranger', FILE })
    expect((await gonogo(project, command)).text).toContain('approved apr_')
    await project.within((call) => removeApprover(call, 'stranger'))
  })

  symptom('self-approval', async ({ gonogo, saw, look }) => {
    const key = await keyNamed('own')
    await withApprovers({ [userInfo().username]: key }, async () => {
      const id = await request()
      saw((await gonogo(project, approving(id, key))).text)
      await look(project)
      // Another approver signs.
      expect((await gonogo(project, approving(id, shop.key))).text).toContain('approved apr_')
    })
  })

  symptom('passphrase', async ({ gonogo, saw, look }) => {
    const key = await keyNamed('locked', 'correct horse')
    await withApprovers({ grace: key }, async () => {
      saw((await gonogo(project, approving(await request(), key))).text)
      await look(project)
    })
  })

  symptom('key-file-open', async ({ gonogo, saw, look, lookAgain, fix }) => {
    const FILE = await keyNamed('open')
    await chmod(FILE, 0o644)
    saw((await gonogo(project, approving(await request(), FILE))).text)
    await look(project, { FILE })
    await fix(project, 'chmod 600 FILE', { FILE })
    await lookAgain(project, { FILE })
  })
})

describe('a level', () => {
  symptom('level-too-low', async ({ gonogo, saw, look }) => {
    const production = project.config.environments['production']!
    production['least_level'] = 'L1'
    await project.save()
    saw((await gonogo(project, approving(await request(), shop.key))).text)
    await look(project)
    delete production['least_level']
    await project.save()
    expect((await gonogo(project, approving(await request(), shop.key))).text).toContain('level L0')
  })
})

describe('the policy', () => {
  symptom('policy-changed', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await shop.with({}, async (other) => {
      await gonogo(other, ['trust', '--key', shop.key, '--confirm', 'small'])
      const values = { FILE: shop.key, PROJECT: 'small' }
      other.config['evidence_hours'] = 23
      await other.save()
      saw((await gonogo(other, promote)).text)
      expect(await look(other)).toMatch(/evidence_hours.*24 -> 23/)
      await fix(other, 'gonogo trust --key FILE --confirm PROJECT', values)
      await lookAgain(other)
      expect((await gonogo(other, promote)).text).toMatch(/apr_\w+/)
    })
  })

  symptom('policy-never-trusted', async ({ gonogo, saw, look, row }) => {
    const strict = {
      configure: (config: SmallConfig) => (config['approvals'] = { mode: 'strict' }),
    }
    await shop.with(strict, async (other) => {
      saw((await gonogo(other, promote)).text)
      await look(other)
      // Strict wants level L1 of this signature too, which no machine of tests reaches.
      expect(row.fixes).toContain('gonogo trust --key FILE --confirm PROJECT')
    })
  })
})
