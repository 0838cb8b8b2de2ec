const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A moment as people say it: `3 min ago`, `in 28 min`. Rounded towards now. */
export function relativeTime(moment: number, now: number): string {
  const distance = Math.abs(now - moment)
  if (distance < 5000) return moment > now ? 'in a moment' : 'just now'
  const text = spell(distance)
  return moment > now ? `in ${text}` : `${text} ago`
}

function spell(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / 1000)} s`
  if (ms < hour) return `${Math.floor(ms / minute)} min`
  return ms < 2 * day ? `${Math.floor(ms / hour)} h` : `${Math.floor(ms / day)} days`
}
