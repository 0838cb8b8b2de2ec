import type { AdminToken } from './admin-token.ts'
import { createFinder } from './find-secrets.ts'

/** What a token of `gonogo token create` begins with. */
export const callerTokenPrefix = 'gng'

const callerTokens = new RegExp(`\\b${callerTokenPrefix}_[0-9a-f]{48}\\b`, 'g')

/** How a secret is called wherever something is written down. */
export function secretLabel(hash: string): string {
  return `sha256:${hash.slice(0, 12)}`
}

/**
 * Looks for approval tokens and caller tokens in a text. Of a token that is known by its hash alone only
 * whole words can be compared.
 */
export function createTokenSearch(deps: {
  adminTokens: readonly AdminToken[]
  plain: readonly string[]
  sha256: (text: string) => string
}): (text: string) => string[] {
  const { adminTokens, plain, sha256 } = deps
  const labels = new Map(adminTokens.map((token) => [token.sha256, token.label]))
  const finders = plain.map((token) => ({
    label: labels.get(sha256(token)) ?? secretLabel(sha256(token)),
    find: createFinder([token]),
  }))
  return (text) => {
    const held = finders.filter(({ find }) => find(text, [0]).length > 0)
    const words = labels.size === 0 ? [] : [text, ...text.split(/[\s"'`,;()<>[\]{}]+/)]
    const known = words.flatMap((word) => labels.get(sha256(word)) ?? [])
    const callers = text.match(callerTokens) ?? []
    return [
      ...new Set([
        ...held.map(({ label }) => label),
        ...known,
        ...callers.map((token) => secretLabel(sha256(token))),
      ]),
    ]
  }
}
