/** Whether GitHub's filter patterns, in their order, take a name in: `!` takes out again. */
export function matchesPatterns(name: string, patterns: readonly string[]): boolean {
  let taken = false
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) taken &&= !toRegExp(pattern.slice(1)).test(name)
    else taken ||= toRegExp(pattern).test(name)
  }
  return taken
}

/** `*` stays within a part of a path, `**` does not; `?` and `+` repeat the sign before them. */
function toRegExp(pattern: string): RegExp {
  const source = pattern.replaceAll(
    /\\.|\*\*\/?|\*|\[[^\]]*\]|[?+]|[.(){}^$|\\[\]]/g,
    (token) => special[token] ?? (/^[\\[]./.test(token) ? token : `\\${token}`),
  )
  try {
    return new RegExp(`^${source}$`)
  } catch {
    return /(?!)/
  }
}

const special: Record<string, string> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '?',
  '+': '+',
}
