/** A static approval token, known by its hash alone. */
export interface AdminToken {
  /** Its name, or `sha256:` and 12 hex digits. */
  label: string
  /** Hex SHA-256 of the token. */
  sha256: string
  /** Milliseconds since the epoch; null: never. */
  expires_at: number | null
  /** Why it is easy to guess; null when nothing is known against it. A plain one only: of a hash nobody can tell. */
  weakness: string | null
}

/**
 * The token of a list that somebody handed in, expired or not. `same` compares with one hash in constant
 * time; all of them are compared, so that timing tells nothing about where it is in the list.
 */
export function matchingToken<T extends { sha256: string }>(
  tokens: readonly T[],
  same: (sha256: string) => boolean,
): T | null {
  let found: T | null = null
  for (const token of tokens) if (same(token.sha256)) found = token
  return found
}

/** What DEPLOYMENT_ADMIN_TOKENS says. `plain` are the secrets themselves, to be kept out of every output. */
export interface AdminTokens {
  tokens: AdminToken[]
  plain: string[]
  /** One line per entry that cannot be read, by its place: what it says may be a secret. */
  problems: string[]
}

const hashed = /^([A-Za-z0-9][\w.@-]{0,63}):sha256:([0-9a-f]{64})(?::(.+))?$/i

/** Looks like an attempt at the hashed form; taken for a plain token it would approve by its own text. */
const meantAsHash = /(?:^|:)sha-?\d{1,3}[:=]/i

/** Reads a comma-separated list of plain tokens and `name:sha256:<64 hex>[:expires]`. */
export function parseAdminTokens(
  text: string,
  deps: {
    sha256: (text: string) => string
    /** Milliseconds of an RFC 3339 date or time; NaN when it is none. */
    moment: (text: string) => number
    weaknessOf: (token: string) => string | null
  },
): AdminTokens {
  const found: AdminTokens = { tokens: [], plain: [], problems: [] }
  const entries = text.split(',').map((entry) => entry.trim())
  for (const [index, entry] of entries.entries()) {
    if (entry === '') continue
    const problem = meantAsHash.test(entry)
      ? addHashed(found, entry, deps.moment)
      : addPlain(found, entry, deps)
    if (problem !== null) found.problems.push(`entry ${index + 1} ${problem}`)
  }
  return found
}

function addHashed(
  { tokens }: AdminTokens,
  entry: string,
  moment: (text: string) => number,
): string | null {
  const match = hashed.exec(entry)
  if (match === null) return 'is not name:sha256:<64 hex digits>, with or without :<expiry>'
  const [, label = '', sha256 = '', expiry] = match
  if (tokens.some((token) => token.label === label)) return 'has the name of an earlier one'
  const expires_at = expiry === undefined ? null : moment(expiry)
  if (Number.isNaN(expires_at))
    return 'expires at no date of RFC 3339, such as 2030-01-31 or 2030-01-31T12:00:00Z'
  tokens.push({ label, sha256: sha256.toLowerCase(), expires_at, weakness: null })
  return null
}

function addPlain(
  { tokens, plain }: AdminTokens,
  entry: string,
  { sha256, weaknessOf }: Pick<Parameters<typeof parseAdminTokens>[1], 'sha256' | 'weaknessOf'>,
): null {
  const hash = sha256(entry)
  const repeated = tokens.find((token) => token.sha256 === hash)
  if (repeated) repeated.weakness = 'listed twice'
  else {
    const label = `sha256:${hash.slice(0, 12)}`
    tokens.push({ label, sha256: hash, expires_at: null, weakness: weaknessOf(entry) })
    plain.push(entry)
  }
  return null
}
