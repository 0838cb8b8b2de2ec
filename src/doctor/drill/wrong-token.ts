import { toFailure } from '../../core/failure.ts'
import { productionOf, stagingOf } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import { promoteToProduction } from '../../tools/promote-to-production.ts'
import { examineConsent } from '../../tools/support/consent.ts'
import { derivePlan } from '../../tools/support/planned.ts'
import { done, notDone, type Seen } from './step.ts'

/**
 * Shows a token that nobody gave out. A promotion that is blocked is refused before its token is
 * looked at, so what looks at tokens is asked by itself, too.
 */
export async function wrongToken(call: Call, token: string): Promise<Seen> {
  const environment = productionOf(call.project)
  if (environment?.approval !== 'required') {
    const message = `${environment?.name} wants no approval, so no token is looked at`
    return notDone(message, `set environments.${environment?.name}.approval: required`)
  }
  const ref = await candidate(call)
  const input = { staging_version: ref, approval_token: token, dry_run: true }
  const { output } = await promoteToProduction.call(input, call)
  const accepted = String(output.accepted)
  if (!accepted.startsWith('no:')) return notDone(`it was answered: ${accepted}`, reportIt)
  const refusal = await consentTo(call, token, ref)
  if (refusal !== 'invalid_approval') return notDone(`the token was met with: ${refusal}`, reportIt)
  return done(`promote_to_production: ${accepted}; the token by itself: refused (${refusal})`)
}

/** What staging runs comes farthest; without it the head of the default branch will do. */
async function candidate(call: Call): Promise<string> {
  const staging = stagingOf(call.project)
  const current = staging && (await call.pipeline?.current(staging))
  return current?.sha || (await call.source.defaultBranch())
}

const reportIt = 'use no production with this gonogo; report it as SECURITY.md says'

/** What becomes of the token when nothing else stands in the way. Reads only. */
async function consentTo(call: Call, token: string, git_ref: string): Promise<string> {
  const environment = productionOf(call.project)!
  const release = await call.source.resolve(git_ref)
  const request = { action: 'promote' as const, environment, release, git_ref, gates: [] }
  const planned = await derivePlan(call, request)
  try {
    return (await examineConsent(call, planned, token, { dryRun: true })).kind
  } catch (error) {
    return toFailure(error).code
  }
}
