import { levelOfLogin, meetsLevel, type AssuranceLevel } from '../../core/approval.ts'
import {
  consentRule,
  mayApprove,
  personOf,
  type ConsentRule,
  type Identity,
} from '../../core/approver-policy.ts'
import type { Environment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { outOfReach, reachedLevel } from '../../tools/support/level.ts'
import { fail, note, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import type { ApproverKey } from './approver-keys.ts'

const fix = 'set gonogo up for level L1: docs/security.md, "How to reach L1"'

/** Somebody's word, and what it would be worth. */
interface Word {
  person: string
  shown: string
  level: AssuranceLevel
}

/** What an approval of this environment would really be worth, against what policy wants. */
export async function levelFinding(
  patient: Patient,
  environment: Environment,
  keys: readonly ApproverKey[],
): Promise<Finding[]> {
  const { call } = patient
  const { name, least_level } = environment
  const rule = consentRule(call.project.approvals, environment, 'standard')
  const logins = await loginWords(patient, environment, rule)
  const words = [...(await keyWords(call, rule, keys)), ...logins.words]
  const best = bestOf(words, rule) ?? (tokenCounts(call, rule) ? 'L0' : undefined)
  // That nobody can approve, or too few can, is a finding of its own.
  if (best === undefined) return logins.findings
  const { least } = rule
  if (!meetsLevel(best, least)) {
    const why = least === least_level ? 'least_level wants' : 'approvals.mode: strict wants'
    const message = `${name} can never be approved here: ${why} ${least}, best reachable is ${best}`
    return [fail('level_reached', message, fix), ...logins.findings]
  }
  const each = words.map(({ shown, level }) => `${shown} ${level}`).join(', ')
  const told = `${name}: an approval reaches ${best} here (${each || 'static token L0'})`
  if (best !== 'L0') return [ok('level_reached', `${told}; ${least} is wanted`), ...logins.findings]
  const holds = 'it stops mistakes and an assistant that has MCP only, not one with a shell'
  return [warn('level_reached', `${told}: ${holds}`, fix), ...logins.findings]
}

/** With the strongest word of as many people as are wanted, the weakest of these decides. */
function bestOf(words: readonly Word[], { count }: ConsentRule): AssuranceLevel | undefined {
  const people = Map.groupBy(words, ({ person }) => person)
  const strongest = [...people.values()].map((own) =>
    own
      .map(({ level }) => level)
      .toSorted()
      .at(-1)!,
  )
  return strongest.toSorted().toReversed()[count - 1]
}

function tokenCounts({ adminTokens, project, runtime }: Call, rule: ConsentRule): boolean {
  const valid = adminTokens.some(
    ({ expires_at }) => expires_at === null || expires_at > runtime.now(),
  )
  const { count, names, reason } = rule
  const asked = count > 1 || names.length > 0 || reason === 'required'
  return valid && project.approvals.mode === 'standard' && !asked
}

/** Computed by what decides when an approval is used; a touch is taken for granted here. */
async function keyWords(
  call: Call,
  rule: ConsentRule,
  keys: readonly ApproverKey[],
): Promise<Word[]> {
  const counting = keys.filter(({ approver }) => mayApprove(rule, signer(approver.name)))
  return await Promise.all(
    counting.map(async ({ approver }) => ({
      person: personOf(rule.policy, signer(approver.name)),
      shown: approver.name,
      level: await reachedLevel(call, approver, approver.protection === 'hardware'),
    })),
  )
}

const signer = (name: string): Identity => ({ kind: 'signer', name })
const github = (name: string): Identity => ({ kind: 'github', name })

/** What a comment on the platform would be worth. */
async function loginWords(
  { call, offline }: Patient,
  environment: Environment,
  rule: ConsentRule,
): Promise<{ words: Word[]; findings: Finding[] }> {
  const { platformApprovals: platform } = call
  const all = Object.values(rule.policy.people).flatMap((person) => person.github)
  const logins = [...new Set(all)].filter((login) => mayApprove(rule, github(login)))
  if (platform === null || offline || logins.length === 0) return { words: [], findings: [] }
  const own = await platform.login()
  const { verified, problem } = await platform.verifiesConsent(environment)
  const policy_out_of_reach = await outOfReach(call)
  const words = logins.flatMap((login): Word[] => {
    const level = levelOfLogin({ login, own, verified_by_pipeline: verified, policy_out_of_reach })
    if (level === null) return []
    return [{ person: personOf(rule.policy, github(login)), shown: `@${login}`, level }]
  })
  return { words, findings: problem === null ? [] : [unverified(environment.name, problem)] }
}

function unverified(name: string, problem: string): Finding {
  const message = `${name}: a login's word reaches L2 only where the workflow verifies it: ${oneLine(problem)}`
  return note('level_reached', message, 'docs/github.md, "The approval, verified on GitHub"')
}
