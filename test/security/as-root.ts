import { describe, expect, test } from 'vitest'

/** The user that owns nothing: who gonogo and the attacker are where root owns the rest. */
export const nobody = { uid: 65_534, gid: 65_534 }

const reason = 'only root can own what gonogo’s user must not change: run the tests as root'

/**
 * Tests of a machine that is set up for L1. Without root they are skipped, and say so where everybody reads
 * it; with GONOGO_NO_SKIP=1 that is a failure.
 */
export function describeAsRoot(title: string, tests: () => void): void {
  if (process.getuid?.() === 0) {
    describe(title, tests)
    return
  }
  if (process.env['GONOGO_NO_SKIP'] === '1') {
    describe(title, () => {
      test('can run', () => expect.fail(reason))
    })
    return
  }
  console.warn(`SKIPPED: ${title}: ${reason}`)
  describe.skip(`${title} (${reason})`, tests)
}

let depth = 0

/** Does something at once with no more rights than nobody has. */
export function asNobody<T>(work: () => T): T {
  if (depth === 0) {
    process.setegid!(nobody.gid)
    process.seteuid!(nobody.uid)
  }
  depth++
  try {
    return work()
  } finally {
    depth--
    if (depth === 0) {
      process.seteuid!(0)
      process.setegid!(0)
    }
  }
}
