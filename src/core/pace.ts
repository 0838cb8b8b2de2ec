/** How soon something is looked at: right away, and at the slowest. Milliseconds. */
export interface Pace {
  least: number
  most: number
}

/**
 * How long to wait before the next look at something that goes on: longer the longer it takes, and
 * shorter again around the moment it usually ends. `usualMs` is null without history.
 */
export function nextLook(pace: Pace, elapsedMs: number, usualMs: number | null): number {
  const left = usualMs === null ? null : usualMs - elapsedMs
  // Half of what is left, so that the looks come closer together; after that, as slowly as it is late.
  const wait =
    left === null ? elapsedMs / 10 : left > 0 ? Math.min(elapsedMs / 4, left / 2) : -left / 5
  return Math.round(Math.min(pace.most, Math.max(pace.least, wait)))
}

const leastLookMs = 1000

/** How often somebody looks on who only watches: no more often than it is worth. */
export function lookEveryMs(pace: Pace | undefined): number {
  return Math.max(leastLookMs, pace?.least ?? 0)
}
