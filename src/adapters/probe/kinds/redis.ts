import { randomUUID } from 'node:crypto'
import type { RedisStep } from '../../../core/smoke.ts'
import type { StepOutcome, StepRun } from '../step-outcome.ts'
import { wrong } from './attempt.ts'
import { withRedis } from './redis-session.ts'
import type { Send } from './resp.ts'

/** Life of the key in seconds, should the connection break before it is deleted. */
const keyLife = '60'

/** Asks a Redis whether it is there, and on request keeps a value in it for a moment. */
export async function runRedisStep(step: RedisStep, run: StepRun): Promise<StepOutcome> {
  return await withRedis(step.url, run, async (send) => {
    const answer = await send('PING')
    if (answer !== 'PONG') return wrong('PING was not answered with PONG')
    if (!step.round_trip) return { ran: true, problems: [], found: 'PONG' }
    const problems = await roundTrip(send)
    if (problems.length > 0) return wrong(...problems)
    return { ran: true, problems: [], found: 'PONG, a value written, read back and deleted' }
  })
}

async function roundTrip(send: Send): Promise<string[]> {
  const [key, value] = [`gonogo:smoke:${randomUUID()}`, randomUUID()]
  await send('SET', key, value, 'EX', keyLife, 'NX')
  const kept = await send('GET', key)
  await send('DEL', key)
  return kept === value ? [] : ['what was written to Redis is not what came back']
}
