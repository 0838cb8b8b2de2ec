const units = { s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of `90s`, `10m` or `1h`; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+)([smh])$/.exec(text)
  return match && Number(match[1]) * units[match[2] as keyof typeof units]
}

/** `4.2 s`, `3 min 05 s`. */
export function showDuration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
