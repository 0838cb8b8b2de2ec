/** Chance that is the same every time. */
export interface Random {
  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number
  pick<T>(from: readonly T[]): T
}

/** xorshift32: small, and good enough to choose among cases. */
export function seeded(seed: number): Random {
  let state = seed | 0 || 1
  const below = (limit: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
  return { below, pick: (from) => from[below(from.length)]! }
}
