import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { setTimeout as delay } from 'node:timers/promises'
import type { Runtime } from '../../ports/runtime.ts'
import { crypto } from './crypto.ts'
import { newId } from './id.ts'
import { userName } from './user.ts'

/** Where `reached` publishes `{ point }`. */
const stepChannel = 'gonogo.step'

// A longer delay overflows the timer's 32 bits and would fire at once.
const longestDelay = 2 ** 31 - 1

/** Time, randomness and hashing as this machine has them. */
export function createRuntime(): Runtime {
  const steps = channel(stepChannel)
  return {
    now: () => Date.now(),
    sleep,
    id: (prefix) => newId(prefix, Date.now(), randomBytes(10)),
    sha256: (text) => hash('sha256', text, 'hex'),
    crypto,
    secret: (prefix) => `${prefix}_${randomBytes(24).toString('hex')}`,
    // Hashing first makes the lengths equal, which is what timingSafeEqual demands.
    sameSecret: (left, right) => timingSafeEqual(digest(left), digest(right)),
    userName: () => userName(),
    reached: (point) => steps.publish({ point }),
  }
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(Math.min(ms, longestDelay), undefined, signal ? { signal } : {})
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
