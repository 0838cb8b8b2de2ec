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
  return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`
}

/** What a clock that ticks once a second shows: `4 s`, `3 min 05 s`, `2 h 07 min`. */
export function showElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${twoDigits(Math.floor((seconds % 3600) / 60))} min`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
