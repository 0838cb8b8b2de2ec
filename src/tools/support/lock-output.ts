import * as z from 'zod'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { lockOf } from './lock.ts'
import { timestamp } from './time.ts'

/** A lock that a person holds; a deployment's shows as that deployment. */
export const lockOutput = z.object({
  environment: z.string(),
  holder: z.string(),
  reason: z.string(),
  since: z.string(),
  waiting: z.number(),
})

/** The environments that people keep to themselves. */
export async function personsLocks(call: Call): Promise<z.output<typeof lockOutput>[]> {
  const found: z.output<typeof lockOutput>[] = []
  for (const { name: environment } of call.project.environments) {
    const { lock, waiting } = await lockOf(call, environment)
    const person = lock?.deployment_id === null ? lock : lock?.lent_by
    if (!person) continue
    found.push({
      environment,
      holder: oneLine(person.holder, 60),
      reason: oneLine(person.reason, 200),
      since: timestamp(person.since),
      waiting: waiting.length,
    })
  }
  return found
}
