const health =
  /^(?:_?health|healthz|health[-_]?checks?|livez?|liveness|readyz?|readiness|up|heartbeat|ping|alive|__heartbeat__|__lbheartbeat__)$/i
/** Words that mean something else as often; only a path as short as a probe's counts. */
const vague = /^(?:up|live|ready|ping|alive|readiness|liveness)$/i

const components: readonly (readonly [RegExp, string])[] = [
  [/^(?:db|database|postgres|postgresql|mysql)$/i, 'database'],
  [/^(?:redis|cache)$/i, 'redis'],
  [/^(?:celery|workers?|celery[-_]workers?)$/i, 'celery_worker'],
  [/^(?:beat|scheduler|celery[-_]beat)$/i, 'celery_beat'],
]

/** What a path proves the health of; null when it is no health path. */
export function componentOf(path: string): string | null {
  const parts = path.split('/').filter(Boolean)
  if (!isUsable(path) || parts.length === 0 || parts.length > 5) return null
  const last = parts.at(-1)!
  if (health.test(last)) return vague.test(last) && parts.length > 2 ? null : 'api'
  const parent = parts.at(-2)
  if (parent === undefined || !/^_?health/i.test(parent)) return null
  return components.find(([word]) => word.test(last))?.[1] ?? null
}

/** True for a path that says which version runs. */
export function isVersionPath(path: string): boolean {
  const parts = path.split('/').filter(Boolean)
  return (
    isUsable(path) &&
    parts.length <= 3 &&
    /^(?:_?version|__version__|buildinfo|build-info)$/i.test(parts.at(-1) ?? '')
  )
}

/** A path as the configuration takes it: no parameters, no patterns. */
function isUsable(path: string): boolean {
  return /^\/(?!\/)[\w./~-]{1,120}$/.test(path)
}
