import type { Environment } from '../../core/project.ts'
import type { Patient } from '../patient.ts'
import { consentRule } from '../../core/approver-policy.ts'
import { oneLine } from '../../core/text.ts'
import { possibleApprovers } from '../../tools/support/weigh.ts'
import { fail, note, ok, unseen, warn, type Finding } from '../finding.ts'
import { keysOf, type ApproverKey } from './approver-keys.ts'
import { approverListFindings, approverPolicyFindings } from './approver-policy.ts'
import { levelFinding } from './levels.ts'
import { policyInReach } from './reach.ts'
import { trustFinding } from './trust.ts'

/** Who can approve, and what that is worth on this machine. */
export async function approvalFindings(patient: Patient): Promise<Finding[]> {
  const { call } = patient
  const guarded = call.project.environments.filter(({ approval }) => approval === 'required')
  if (guarded.length === 0)
    return [unguarded(patient), await trustFinding(patient), around(call.project.environments)]
  const [keys, reach, trust, list] = await Promise.all([
    keysOf(call),
    policyInReach(patient),
    trustFinding(patient),
    approverListFindings(patient),
  ])
  const each = await Promise.all(
    guarded.map(async (environment) => [
      ...(await approverPolicyFindings(patient, environment)),
      ...(await levelFinding(patient, environment, keys)),
    ]),
  )
  return [
    ...(await nobodyFindings(patient, guarded)),
    ...keys.flatMap(keyFindings),
    ...list,
    ...reach,
    ...each.flat(),
    trust,
    around(guarded),
  ]
}

function unguarded({ call: { project } }: Patient): Finding {
  const last = project.environments.at(-1)?.name
  const message = 'no environment wants an approval: whoever may call gonogo may deploy'
  return warn('approvers', message, `set environments.${last}.approval: required in gonogo.yaml`)
}

const register = 'gonogo approver add NAME --key ~/.ssh/id_ed25519'

async function nobodyFindings(
  { call }: Patient,
  guarded: readonly Environment[],
): Promise<Finding[]> {
  const { approvals } = call.project
  const rules = guarded.map((environment) => consentRule(approvals, environment, 'standard'))
  // Where people are named, it is told who of them is missing.
  const open = rules.filter(({ names: named }) => named.length === 0)
  const able = await Promise.all(open.map((rule) => possibleApprovers(call, rule)))
  if (open.length === 0 || able.some((people) => people.length > 0)) return []
  const names = guarded.map(({ name }) => name).join(', ')
  const byToken = call.adminTokens.length > 0 && approvals.mode === 'standard'
  return [
    byToken
      ? warn(
          'approvers',
          `nobody is registered; ${names} is approved by static tokens only`,
          register,
        )
      : fail('approvers', `nobody is registered, so ${names} can never be approved`, register),
  ]
}

function keyFindings(key: ApproverKey): Finding[] {
  const { name, limits } = key.approver
  if (limits === undefined) return [keyFinding(key)]
  // Only a signature would show it, and nobody signs for the doctor.
  const message = `${name}: the line is limited by ${oneLine(limits, 120)}; whether it still lets them approve and trust was not judged`
  const fix = `gonogo approver remove ${name}, then gonogo approver add ${name} --key FILE`
  return [keyFinding(key), unseen('approvals', message, fix)]
}

function keyFinding({ approver, held }: ApproverKey): Finding {
  const { name, protection, fingerprint } = approver
  const whose = `${name} (${fingerprint})`
  if (held) {
    const message = `${whose}: the agent holds the key now and signs without asking`
    return warn('approver_key', message, 'ssh-add -D, or ssh-add -d FILE for this key alone')
  }
  if (protection === 'none') {
    const message = `${whose}: a key without a passphrase: whoever can read it can approve`
    const again = `register it anew after gonogo approver remove ${name}`
    return warn('approver_key', message, `ssh-keygen -p -f FILE, then ${again}`)
  }
  const asks = protection === 'hardware' ? 'a touch' : 'a passphrase'
  return ok('approver_key', `${whose}: wants ${asks}`)
}

function around(environments: readonly Environment[]): Finding {
  const names = environments.map(({ name }) => name).join(', ')
  const message = `credentials on this machine can be used around gonogo: whoever has a shell as this user can change ${names} without it`
  return note('around_gonogo', message, 'keep them under another account or host: docs/security.md')
}
