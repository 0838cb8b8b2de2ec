import * as z from 'zod'
import { canonicalJson } from '../core/canonical.ts'
import { Failure } from '../core/failure.ts'
import { planView, type PlanLine } from '../core/plan-view.ts'
import type { Plan } from '../core/plan.ts'
import type { Call } from '../ports/context.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Signer } from '../ports/signer.ts'
import { openRequest } from './decide.ts'
import { judgingOf } from './judging.ts'
import { ruleFor } from '../tools/support/weigh.ts'
import { requestShape } from './request-shape.ts'
import { fact, refuseAnotherPlan, ruleLine } from './review-request.ts'
import { signStatement, statementOf } from './sign-decision.ts'

const requestFormat = 'gonogo-portable-request-v1'
const decisionFormat = 'gonogo-signed-decision-v1'

const text = z.string().max(100_000)

const schema_version = z.literal(1).optional()

const portableRequest = z.strictObject({
  schema_version,
  format: z.literal(requestFormat),
  request: requestShape,
  plan: z.record(z.string(), z.unknown()),
  /** What it takes, as the project said when the file was made: told, and judged where it is used. */
  wants: z.strictObject({ text, reason: z.enum(['required', 'optional']) }),
})

const signedDecision = z.strictObject({
  schema_version,
  format: z.literal(decisionFormat),
  approval_id: text,
  statement: text,
  signature: text,
})

/** A request as a file that can be signed where the project is not. */
export type PortableRequest = z.output<typeof portableRequest>

/** What such a machine gives back. */
export type SignedDecisionFile = z.output<typeof signedDecision>

/** Writes down a request that waits, with its plan. */
export async function exportRequest(call: Call, id: string): Promise<PortableRequest> {
  const approval = await openRequest(call, id)
  refuseAnotherPlan(approval, id, call.runtime)
  const judging = await judgingOf(call, approval.request)
  const rule = ruleFor(judging, approval.request.kind)
  return {
    format: requestFormat,
    request: approval.request,
    plan: JSON.parse(approval.plan) as PortableRequest['plan'],
    wants: { text: ruleLine(rule), reason: rule.reason },
  }
}

/** A portable request as a person reads it: proven to be about the plan that is shown. */
export function reviewPortable(
  file: string,
  runtime: Pick<Runtime, 'sha256' | 'now'>,
): { portable: PortableRequest; lines: PlanLine[] } {
  const portable = parse(portableRequest, file, 'approval request (gonogo approval export)')
  const { request: asked, wants } = portable
  if (Date.parse(asked.expires_at) <= runtime.now())
    throw invalid(`${asked.id} expired`, 'ask the requester to call again')
  const said = [fact('acts for', asked.operator), fact('wants', wants.text)]
  return { portable, lines: [...shownPlan(portable, runtime), ...said] }
}

function shownPlan(
  { request: asked, plan }: PortableRequest,
  runtime: Pick<Runtime, 'sha256'>,
): PlanLine[] {
  try {
    refuseAnotherPlan({ request: asked, plan: canonicalJson(plan) }, asked.id, runtime)
    return planView(plan as unknown as Plan, asked)
  } catch (error) {
    if (error instanceof Failure) throw error
    throw invalid('the request holds a plan that this gonogo cannot show', 'do not approve it')
  }
}

/** Signs exactly the request that was shown. Whether the key is an approver's, the project says. */
export async function signPortable(
  { runtime, signer }: { runtime: Runtime; signer: Signer },
  { request: asked, wants }: PortableRequest,
  keyFile: string,
  reason: string | null,
): Promise<SignedDecisionFile> {
  if (wants.reason === 'required' && !reason?.trim())
    throw invalid(
      `${asked.environment} wants a reason of whoever approves`,
      'give it with --reason TEXT',
    )
  const word = { verdict: 'approved', reason, code_sha256: null } as const
  const statement = statementOf(runtime.now(), asked, word)
  const signed = await signStatement({ signer }, statement, keyFile)
  return { format: decisionFormat, approval_id: asked.id, ...signed }
}

export function readSignedDecision(file: string): SignedDecisionFile {
  return parse(signedDecision, file, 'signed decision (gonogo approve --request)')
}

function parse<T extends z.ZodType>(schema: T, file: string, what: string): z.output<T> {
  const problem = (why: string) =>
    invalid(`this is no ${what}: ${why}`, 'take the file as it was written, whole')
  let data: unknown
  try {
    data = JSON.parse(file)
  } catch {
    throw problem('it is not JSON')
  }
  const result = schema.safeParse(data)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw problem(`${issue?.path.join('.') || 'it'} is not as it must be`)
}

function invalid(message: string, hint: string): Failure {
  return new Failure({ code: 'invalid_approval', message, hint })
}
