import type { Json } from '../core/canonical.ts'
import { principalLabel } from '../core/principal.ts'
import type { Call } from '../ports/context.ts'
import { deliverSoon } from '../tools/support/notify.ts'

/** A human act: what it is about, in fields that may be logged. */
export interface Act {
  operation: string
  environment: string | null
  details: Record<string, Json>
  correlation_id: string | null
}

/**
 * Runs an effect between its two audit lines. The intent is on disk before anything happens; an
 * effect that fails leaves a result that says so. `learnt` is what only the effect could tell.
 */
export async function audited<T>(
  call: Call,
  act: Act,
  effect: () => Promise<T>,
  learnt: (result: T) => Record<string, Json> = () => ({}),
): Promise<T> {
  const line = {
    ...act,
    user: principalLabel(call.principal),
    request_id: call.requestId,
    dry_run: false,
    approval: null,
  }
  await call.audit.append({ ...line, phase: 'intent', success: null })
  let result: T
  try {
    result = await effect()
  } catch (error) {
    // What went wrong with the effect is worth more to the caller than a log that fails, too.
    await call.audit.append({ ...line, phase: 'result', success: false }).catch(() => undefined)
    throw error
  }
  await deliverSoon(call)
  const details = { ...act.details, ...learnt(result) }
  await call.audit.append({ ...line, details, phase: 'result', success: true })
  return result
}
