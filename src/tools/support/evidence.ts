import { canonicalJson } from '../../core/canonical.ts'
import type { Check } from '../../core/check.ts'
import type { Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import type { Evidence } from '../../ports/store.ts'

/** Marks what let a deployment through, apart from what was found of it afterwards. */
export const gateSubject = 'gate'

export const smokeCheckName = 'smoke_tests'

/** Stores what a gate may rely on later. Results that did not run prove nothing and are not kept. */
export async function record(
  call: Call,
  check: Check,
  about: Pick<Evidence, 'sha' | 'environment' | 'subject' | 'deployment_id'>,
): Promise<void> {
  if (!check.ran) return
  const evidence: Evidence = {
    id: call.runtime.id('ev'),
    check,
    ...about,
    recorded_at: check.as_of ?? call.runtime.now(),
  }
  await call.store.write((tables) => tables.evidence.insert(evidence))
}

/** The newest stored result that is still fresh enough for a gate. */
export async function freshEvidence(
  call: Call,
  about: { check_name: string; sha: string; environment: string | null; subject: string },
): Promise<Evidence | null> {
  const since = call.runtime.now() - call.project.evidence_hours * 3_600_000
  return await call.store.read((tables) => tables.evidence.latest({ ...about, since }))
}

/** What a smoke result depends on besides commit and environment: every step, and where it was asked. */
export function smokeSubject(call: Call, { url, health, version }: Environment): string {
  const { smoke } = call.project
  return call.runtime.sha256(canonicalJson({ smoke, url, health, version }))
}
