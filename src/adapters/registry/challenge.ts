/** How a registry wants its callers to say who they are: one part of `WWW-Authenticate`. */
export interface Challenge {
  /** In lower case. */
  scheme: string
  parameters: Record<string, string>
}

const word = /([!#$%&'*+.^_`|~\w-]+)(?:\s*(=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g

/** RFC 9110, section 11.6.1: several in one header are separated like their parameters, by commas. */
export function readChallenges(header: string): Challenge[] {
  const found: Challenge[] = []
  for (const [, name = '', equals, quoted, plain = ''] of header.matchAll(word)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain
    if (equals === undefined) found.push({ scheme: name.toLowerCase(), parameters: {} })
    else Object.assign(found.at(-1)?.parameters ?? {}, { [name.toLowerCase()]: value })
  }
  return found
}
