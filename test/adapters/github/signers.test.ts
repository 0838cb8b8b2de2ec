import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { readSigners } from '../../../src/adapters/github/signers.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createBranchApprovers } from '../../../src/adapters/ssh/branch-approvers.ts'
import { createSigner } from '../../../src/adapters/ssh/signer.ts'
import { approvalNamespace } from '../../../src/core/approval.ts'
import { makeApprovers, type Approvers } from '../../examples/approvals.ts'
import { openBench, type Bench } from './bench.ts'

const path = 'ops/approvers'
let bench: Bench
let people: Approvers
beforeAll(async () => {
  people = makeApprovers()
  bench = await openBench({ files: { [path]: `# who approves\n${people.line('ada')}\n` } })
})
beforeEach(() => {
  bench.hub.settings.rulesets = [{ branch: 'main', approvals: 1, bypass: 'never' }]
  bench.hub.settings.tokenIsAdmin = false
  bench.hub.settings.missingPermissions.clear()
})
afterAll(async () => {
  expect(bench.hub.violations).toEqual([])
  await bench[Symbol.asyncDispose]()
  people.close()
})

/** The list as another process reads it. */
function listOf(file = path) {
  const { client } = bench.parts()
  // A stranger to this machine's files: root owns what is in /etc.
  const identity = { uid: 4711, gids: [4711] }
  return createBranchApprovers({ path: file, identity, read: (at) => readSigners(client, at) })
}

const verify = (text: string, by: string) =>
  createSigner({
    processes: createProcesses(),
    env: {},
    approvers: listOf(),
    terminal: false,
  }).verify(text, people.sign(text, by), approvalNamespace)

it('counts the keys that the default branch has now, and no others', async () => {
  expect(await listOf().list()).toMatchObject([{ name: 'ada', protection: 'passphrase' }])
  expect(await verify('yes', 'ada')).toMatchObject({ valid: true, approver: { name: 'ada' } })
  expect(await verify('yes', 'bob')).toMatchObject({ valid: false })
  expect(await listOf('none/here').list()).toEqual([])
  await bench.repository.commit({ [path]: `${people.line('bob')}\n` })
  expect(await verify('yes', 'bob')).toMatchObject({ valid: true })
  expect(await verify('yes', 'ada')).toMatchObject({ valid: false })
})

it('is changed in a pull request, never by gonogo', async () => {
  const key = {
    public_key: 'ssh-ed25519 AAAA',
    fingerprint: 'SHA256:x',
    protection: 'none',
  } as const
  for (const change of [listOf().add('eve', key), listOf().remove('ada')])
    await expect(change).rejects.toMatchObject({
      code: 'invalid_input',
      hint: expect.stringContaining('pull request'),
    })
})

const reaches: [what: string, change: () => void, reach: RegExp | null][] = [
  ['a ruleset wants a review, and the token is not above it', () => undefined, null],
  [
    'nobody reviews',
    () => (bench.hub.settings.rulesets[0]!.approvals = 0),
    /no ruleset wants a review/,
  ],
  [
    'it may add something after the review',
    () => (bench.hub.settings.rulesets[0]!.lastPush = false),
    /wants the last push approved by somebody else/,
  ],
  ['it may bypass', () => (bench.hub.settings.rulesets[0]!.bypass = 'always'), /may bypass/],
  [
    'the rules are for another branch',
    () => (bench.hub.settings.rulesets[0]!.branch = 'x'),
    /no ruleset/,
  ],
  ['it administers the repository', () => (bench.hub.settings.tokenIsAdmin = true), /administers/],
  [
    'only checks are required',
    () => {
      bench.hub.settings.rulesets = []
      bench.hub.settings.requiredChecks.set('main', { ruleset: ['ci'], classic: ['ci'] })
    },
    /no ruleset wants a review/,
  ],
]

it.each(reaches)('knows whether the token could change it alone: %s', async (_, change, reach) => {
  change()
  const list = listOf()
  const found = (await list.onBranch!()).reach
  if (reach === null) expect(found).toBeNull()
  else expect(found).toMatch(reach)
  expect(await list.outOfReach(['/etc/passwd'])).toBe(reach === null)
  expect(await list.withinReach(['/etc/passwd'])).toEqual(reach === null ? [] : [path])
  // A file of this machine that the user could change is enough.
  expect(await list.outOfReach(['/tmp/gonogo-nothing-there'])).toBe(false)
})
