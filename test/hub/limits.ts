/** The primary limit: requests an hour for each login, counted from the first one on. */
export interface Limits {
  count(login: string, now: number): void
  headers(login: string, now: number): Record<string, string>
  state(
    login: string,
    now: number,
  ): { limit: number; used: number; remaining: number; reset: number }
}

const hour = 3_600_000

export function createLimits(limit: () => number): Limits {
  const windows = new Map<string, { used: number; resetAt: number }>()
  const window = (login: string, now: number) => {
    const found = windows.get(login)
    if (found !== undefined && found.resetAt > now) return found
    const fresh = { used: 0, resetAt: now + hour }
    windows.set(login, fresh)
    return fresh
  }
  const state = (login: string, now: number) => {
    const { used, resetAt } = window(login, now)
    const remaining = Math.max(0, limit() - used)
    return { limit: limit(), used, remaining, reset: Math.ceil(resetAt / 1000) }
  }
  return {
    state,
    count(login, now) {
      window(login, now).used += 1
    },
    headers(login, now) {
      const { used, remaining, reset } = state(login, now)
      return {
        'x-ratelimit-limit': String(limit()),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-used': String(used),
        'x-ratelimit-reset': String(reset),
        'x-ratelimit-resource': 'core',
      }
    },
  }
}
