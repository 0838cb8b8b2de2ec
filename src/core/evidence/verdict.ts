import type { Crypto } from '../crypto.ts'
import type { EvidenceBundle } from './bundle.ts'
import { decisionFindings, requestFindings, type SignatureFact } from './consent.ts'
import {
  contradicted,
  contradictionsIn,
  fieldsOf,
  hexHash,
  type EvidenceFinding,
} from './finding.ts'
import { lineFindings } from './lines.ts'
import { logFindings, type OutsideTrust } from './log.ts'

export interface EvidenceVerdict {
  outcome: EvidenceFinding['state']
  findings: EvidenceFinding[]
}

/** What a bundle is held against. */
export interface EvidenceGiven extends OutsideTrust {
  crypto: Crypto
  /** What became of each decision's signature, in the order of the bundle; null where there is none. */
  signatures: readonly (SignatureFact | null)[]
  /** Whether the signers came from whoever verifies, and not from the bundle. */
  signersGiven: boolean
}

/** Whether a bundle proves what it says. One contradiction outweighs everything else. */
export function judgeEvidence(bundle: EvidenceBundle, given: EvidenceGiven): EvidenceVerdict {
  const findings = [
    ...planFindings(bundle, given.crypto),
    ...requestFindings(bundle),
    ...decisionFindings(bundle, given),
    ...logFindings(bundle, given),
    ...lineFindings(bundle, given.crypto),
  ]
  return { outcome: outcomeOf(findings), findings }
}

export function outcomeOf(findings: readonly EvidenceFinding[]): EvidenceFinding['state'] {
  for (const state of ['contradicted', 'claimed'] as const)
    if (findings.some((finding) => finding.state === state)) return state
  return 'proven'
}

function planFindings(bundle: EvidenceBundle, crypto: Crypto): EvidenceFinding[] {
  const { deployment, plan, project, policy_hash } = bundle
  const hash = hexHash(crypto, plan)
  const wanted = deployment.plan_hash
  if (hash !== wanted) {
    const text = `the plan has the hash ${hash}, and the deployment names ${wanted}`
    return [{ state: 'contradicted', what: 'plan', text }]
  }
  const problems = contradictionsIn('the plan', fieldsOf(plan), [
    ['project', project],
    ['environment', deployment.environment],
    ['policy_hash', policy_hash],
  ])
  if (problems.length > 0) return problems.map((text) => contradicted('plan', text))
  return [{ state: 'proven', what: 'plan', text: `the plan has the hash ${hash}` }]
}
