import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type {
  Approval,
  ApprovalRequest,
  Decision,
  DecisionStatement,
} from '../../src/core/approval.ts'
import type { ConsentRule } from '../../src/core/approver-policy.ts'
import { canonicalJson } from '../../src/core/canonical.ts'
import { judgeConsent, requestProblem, type Attested } from '../../src/core/consent.ts'
import { planText, type Plan } from '../../src/core/plan.ts'
import { seeded, type Random } from '../support/seeded.ts'

const cases = 10_000
const now = Date.parse('2030-01-01T00:00:00Z')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const plan: Plan = {
  format: 'gonogo-plan-v2',
  action: 'promote',
  project: 'clinic',
  environment: 'production',
  release: { sha: 'a'.repeat(40), version: 'v2' },
  from: { sha: 'b'.repeat(40), version: 'v1' },
  before: { environment: 'staging', release: { sha: 'a'.repeat(40), version: 'v2' } },
  pipeline: {
    kind: 'local',
    target: '/srv/clinic',
    isolation: 'none',
    steps: [{ phase: 'activate', name: 'restart', run: ['restart', 'production'] }],
  },
  checks: [{ name: 'tests_passed', requirement: 'required', status: 'passed' }],
  images: [],
  migrations: null,
  skips: [],
  verify: 'basic',
  warnings: [],
  preempts: null,
  reason: 'release day',
  policy_hash: 'c'.repeat(64),
}

const hash = sha256(planText(plan))

const request: ApprovalRequest = {
  format: 'gonogo-approval-v2',
  id: 'apr_1',
  action: 'promote',
  kind: 'standard',
  project: 'clinic',
  environment: 'production',
  version: 'v2',
  commit: 'a'.repeat(40),
  digests: [],
  plan_hash: hash,
  requester: 'human:carol',
  operator: 'carol',
  overrides: [],
  reason: 'release day',
  nonce: 'nonce_1',
  expires_at: new Date(now + 600_000).toISOString(),
}

const rule: ConsentRule = {
  policy: {
    people: { ada: { signers: ['ada', 'ada@desk'], github: [], users: ['al'] } },
    groups: { ops: ['ada', 'bob', 'carol'] },
  },
  count: 2,
  names: ['ops'],
  self_approval: 'auto',
  several: true,
  least: 'L1',
  reason: 'optional',
  minutes: 10,
}

/** A world of signatures: what was signed by whom, as a verifier would know it. */
interface Signed {
  decision: Decision
  signer: string
  level: 'L0' | 'L1'
}

function sign(signer: string, change: Partial<DecisionStatement> = {}): Signed {
  const statement: DecisionStatement = {
    format: 'gonogo-decision-v1',
    verdict: 'approved',
    request,
    reason: null,
    code_sha256: null,
    decided_at: new Date(now).toISOString(),
    ...change,
  }
  const text = canonicalJson(statement)
  const decision: Decision = {
    id: `dec_${signer}`,
    approval_id: 'apr_1',
    verdict: statement.verdict,
    method: 'ssh_signature',
    person: signer,
    identity: signer,
    level: 'L1',
    statement: text,
    signature: `${signer} ${sha256(text)}`,
    url: null,
    decided_at: now,
  }
  return { decision, signer, level: 'L1' }
}

/** Who signs is known by the signature alone; the row's own words say nothing. */
function verify({ decision, level }: Signed): Attested {
  const [name = '', digest] = (decision.signature ?? '').split(' ')
  if (digest !== sha256(decision.statement)) return { decision, problem: 'incorrect signature' }
  if (!['ada', 'ada@desk', 'bob', 'carol', 'eve'].includes(name))
    return { decision, problem: 'no approver' }
  return { decision, identity: { kind: 'signer', name }, level, problem: null }
}

interface World {
  approval: Approval
  signed: Signed[]
  rule: ConsentRule
  now: number
  requester: string
  plan: Plan
  code: string | null
}

const honestWords = [sign('ada'), sign('bob')]
const honestPlan = planText(plan)

function honest(): World {
  const signed = honestWords.map((word) => ({ ...word, decision: { ...word.decision } }))
  return {
    approval: {
      id: 'apr_1',
      project: 'clinic',
      environment: 'production',
      request,
      plan: honestPlan,
      requester: request.requester,
      created_at: now,
      expires_at: now + 600_000,
      state: 'approved',
      decisions: [],
      consumed_by: null,
    },
    signed,
    rule,
    now,
    requester: request.requester,
    plan,
    code: null,
  }
}

/** Everything a use goes through, but for the transaction. */
function granted(world: World): boolean {
  const { signed, plan: wanted } = world
  const approval = { ...world.approval, decisions: signed.map(({ decision }) => decision) }
  const use = {
    now: world.now,
    expires_at: Date.parse(approval.request.expires_at),
    requester: world.requester,
    plan: wanted,
    plan_hash: wanted === plan ? hash : sha256(planText(wanted)),
    stored_plan_hash: approval.plan === honestPlan ? hash : sha256(approval.plan),
  }
  if (requestProblem(approval, use) !== null) return false
  const attested = signed.map(verify)
  const judged = { approval, attested, rule: world.rule, approvers: 3, code_sha256: world.code }
  return judgeConsent(judged).kind === 'enough'
}

/** Another value of the same kind. */
function other(value: unknown, random: Random): unknown {
  if (typeof value === 'string') return random.pick([`${value} `, `x${value}`, value.slice(1), 'é'])
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (Array.isArray(value))
    return random.pick([
      [...value, 'more'],
      [...value, value[0] ?? null],
    ])
  return value === null ? 'something' : null
}

/** The same thing with one value in it changed, somewhere. */
function changed<T extends object>(thing: T, random: Random): T {
  const copy = structuredClone(thing) as Record<string, unknown>
  const key = random.pick(Object.keys(copy))
  const value = copy[key]
  const inside = value !== null && typeof value === 'object' && Object.keys(value).length > 0
  copy[key] = inside && random.below(3) > 0 ? changed(value, random) : other(value, random)
  return copy as T
}

type Attack = (world: World, random: Random) => void

const resign = (world: World, change: Partial<DecisionStatement>, signers = ['ada', 'bob']) => {
  world.signed = signers.map((signer) => sign(signer, change))
}

const attacks: Record<string, Attack> = {
  'the plan of now is another one': (world, random) => {
    world.plan = changed(plan, random)
  },
  'the stored plan is another one': (world, random) => {
    world.approval.plan = planText(changed(plan, random))
  },
  'plan and stored plan are another one': (world, random) => {
    world.plan = changed(plan, random)
    world.approval.plan = planText(world.plan)
  },
  'the request and the plan are another one': (world, random) => {
    world.plan = changed(plan, random)
    world.approval.plan = planText(world.plan)
    world.approval.request = { ...request, plan_hash: sha256(world.approval.plan) }
  },
  'a field of the request changed': (world, random) => {
    world.approval.request = changed(request, random)
  },
  'the request changed, with its id and requester': (world, random) => {
    world.approval.request = changed(request, random)
    world.approval.id = world.approval.request.id
    world.requester = world.approval.request.requester
  },
  'what was signed changed': (world, random) => {
    const [first] = world.signed
    const text = first!.decision.statement
    const at = random.below(text.length)
    const code = text.charCodeAt(at) ^ (1 << random.below(5))
    first!.decision.statement = `${text.slice(0, at)}${String.fromCharCode(code)}${text.slice(at + 1)}`
  },
  'the same people signed another request': (world, random) => {
    resign(world, { request: changed(request, random) })
  },
  'it was used, rejected, revoked or replaced': (world, random) => {
    world.approval.state = random.pick(['consumed', 'rejected', 'revoked', 'superseded'])
  },
  'somebody rejected or revoked it, and the state hides it': (world, random) => {
    world.signed.push(sign('bob', { verdict: random.pick(['rejected', 'revoked']) }))
  },
  'it expired': (world, random) => {
    world.now = now + 600_000 + random.below(1000)
  },
  'the row says it is valid for longer': (world) => {
    world.now = now + 700_000
    world.approval.expires_at = now + 900_000
  },
  'somebody else uses it': (world, random) => {
    world.requester = random.pick(['agent:carol', 'human:mallory', 'human:carol ', ''])
  },
  'one of the two is missing': (world, random) => {
    world.signed.splice(random.below(2), 1)
  },
  'one person signed twice, with two keys': (world) => {
    resign(world, {}, ['ada', 'ada@desk'])
  },
  'one row is there twice': (world) => {
    world.signed = [world.signed[0]!, world.signed[0]!]
  },
  'one is the requester': (world, random) => {
    resign(
      world,
      {},
      random.pick([
        ['ada', 'carol'],
        ['carol', 'bob'],
      ]),
    )
  },
  'one is the requester under another name': (world) => {
    world.approval.request = { ...request, requester: 'human:al' }
    world.requester = 'human:al'
    resign(world, { request: world.approval.request })
  },
  'one is nobody who approves here': (world) => {
    resign(world, {}, ['ada', 'eve'])
  },
  'one is a foreign key': (world) => {
    resign(world, {}, ['ada', 'mallory'])
  },
  'one row was written by hand': (world, random) => {
    const { decision } = world.signed[1]!
    decision.signature = random.pick([null, '', 'bob', `bob ${sha256('bob')}`])
    decision.level = 'L2'
  },
  'a row names another signer': (world) => {
    world.signed = [world.signed[0]!, structuredClone(world.signed[0]!)]
    Object.assign(world.signed[1]!.decision, { person: 'bob', identity: 'bob', id: 'dec_bob' })
  },
  'one is worth too little': (world, random) => {
    random.pick(world.signed).level = 'L0'
  },
  'a rejection is read as an approval': (world) => {
    resign(world, { verdict: 'rejected' })
    for (const { decision } of world.signed) decision.verdict = 'approved'
  },
  'a reason is wanted': (world) => {
    world.rule = { ...rule, reason: 'required' }
  },
  'a code is wanted': (world, random) => {
    resign(world, { code_sha256: sha256('code_1') })
    world.code = random.pick([null, sha256('code_2'), ''])
  },
  'it was decided too late': (world) => {
    resign(world, { decided_at: new Date(now + 600_000).toISOString() })
  },
  'it is of the old kind': (world) => {
    const old = { ...request, format: 'gonogo-approval-v1' } as unknown as ApprovalRequest
    world.approval.request = old
    resign(world, { request: old })
  },
}

describe('consent of two people', () => {
  it('is granted for what they signed', () => {
    expect(granted(honest())).toBe(true)
    const coded = honest()
    resign(coded, { code_sha256: sha256('code_1') })
    coded.code = sha256('code_1')
    expect(granted(coded)).toBe(true)
  })

  it(`is refused in ${cases} ways to come by it otherwise`, () => {
    const random = seeded(20261122)
    const names = Object.keys(attacks)
    const held: string[] = []
    for (let index = 0; index < cases; index++) {
      const name = names[index % names.length]!
      const world = honest()
      attacks[name]!(world, random)
      if (granted(world)) held.push(name)
    }
    expect(held).toEqual([])
  })
})
