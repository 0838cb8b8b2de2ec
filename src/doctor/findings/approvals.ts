import type { Environment } from '../../core/project.ts'
import type { Patient } from '../patient.ts'
import { oneLine } from '../../core/text.ts'
import { fail, note, ok, unseen, warn, type Finding } from '../finding.ts'
import { keysOf, type ApproverKey } from './approver-keys.ts'
import { levelFinding } from './levels.ts'
import { policyInReach } from './reach.ts'
import { trustFinding } from './trust.ts'

/** Who can approve, and what that is worth on this machine. */
export async function approvalFindings(patient: Patient): Promise<Finding[]> {
  const { call } = patient
  const guarded = call.project.environments.filter(({ approval }) => approval === 'required')
  if (guarded.length === 0)
    return [unguarded(patient), await trustFinding(patient), around(call.project.environments)]
  const [keys, reach, trust] = await Promise.all([
    keysOf(call),
    policyInReach(patient),
    trustFinding(patient),
  ])
  const levels = await Promise.all(
    guarded.map((environment) => levelFinding(call, environment, keys)),
  )
  return [
    ...(keys.length === 0 ? [nobody(patient, guarded)] : keys.flatMap(keyFindings)),
    ...reach,
    ...levels.flat(),
    trust,
    ...tokens(patient),
    around(guarded),
  ]
}

function unguarded({ call: { project } }: Patient): Finding {
  const last = project.environments.at(-1)?.name
  const message = 'no environment wants an approval: whoever may call gonogo may deploy'
  return warn('approvers', message, `set environments.${last}.approval: required in gonogo.yaml`)
}

const register = 'gonogo approver add NAME --key ~/.ssh/id_ed25519'

function nobody({ call }: Patient, guarded: readonly Environment[]): Finding {
  const names = guarded.map(({ name }) => name).join(', ')
  const byToken = call.adminTokens.length > 0 && call.project.approvals.mode === 'standard'
  return byToken
    ? warn(
        'approvers',
        `nobody is registered; ${names} is approved by static tokens only`,
        register,
      )
    : fail('approvers', `nobody is registered, so ${names} can never be approved`, register)
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

function tokens({ call: { adminTokens, project } }: Patient): Finding[] {
  if (adminTokens.length === 0) return []
  const what = `DEPLOYMENT_ADMIN_TOKENS holds ${adminTokens.length} static token(s)`
  const fix = 'unset DEPLOYMENT_ADMIN_TOKENS where gonogo is started'
  if (project.approvals.mode === 'strict')
    return [note('static_tokens', `${what}, which approvals.mode: strict refuses`, fix)]
  const worth = 'whoever can read or set the environment of gonogo can approve (compatibility, L0)'
  return [warn('static_tokens', `${what}: ${worth}`, fix)]
}

function around(environments: readonly Environment[]): Finding {
  const names = environments.map(({ name }) => name).join(', ')
  const message = `credentials on this machine can be used around gonogo: whoever has a shell as this user can change ${names} without it`
  return note('around_gonogo', message, 'keep them under another account or host: docs/security.md')
}
