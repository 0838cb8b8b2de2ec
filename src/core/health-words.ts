const ill = new Set([
  'degraded',
  'unhealthy',
  'down',
  'out_of_service',
  'unavailable',
  'critical',
  'fail',
  'failed',
  'failing',
  'error',
  'dead',
  'offline',
  // Of Elasticsearch and its relatives.
  'red',
])

// A longer text is about something: no state.
const longest = 40

/**
 * What an answer says of itself when it is not well; else null. It says so in the top-level field
 * `status`, or is nothing but that word: some frameworks answer in plain text.
 */
export function saysIll(said: unknown): string | null {
  const word = typeof said === 'object' && said !== null ? statusOf(said) : said
  if (typeof word !== 'string' || word.length > longest) return null
  const text = word.trim()
  return ill.has(text.toLowerCase().replace(/[\s-]+/g, '_')) ? text : null
}

function statusOf(said: object): unknown {
  const key = ['status', 'Status', 'STATUS'].find((name) => Object.hasOwn(said, name))
  return key === undefined ? null : (said as Record<string, unknown>)[key]
}
