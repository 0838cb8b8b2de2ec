/** What a KEY=VALUE file holds, or the first line that is none. Lines are never quoted: secrets. */
interface EnvFile {
  values: Record<string, string>
  problem: { line: number; message: string } | null
}

const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/
const quoted = /^(["'])(.*?)\1\s*(?:#.*)?$/

/** Parses KEY=VALUE lines with comments and quotes; nothing is expanded. */
export function parseEnvFile(text: string): EnvFile {
  const values: Record<string, string> = {}
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const [, name, rest = ''] = assignment.exec(line) ?? []
    if (name === undefined) {
      return { values: {}, problem: { line: index + 1, message: 'is not KEY=VALUE' } }
    }
    const value = valueOf(rest)
    if (value === null) {
      return { values: {}, problem: { line: index + 1, message: 'has a quote that is not closed' } }
    }
    values[name] = value
  }
  return { values, problem: null }
}

function valueOf(text: string): string | null {
  const [, quote, inner = ''] = quoted.exec(text) ?? []
  // As in other readers of such files, so that a key in several lines can be written in one.
  if (quote === '"') return inner.replaceAll('\\n', '\n')
  if (quote !== undefined) return inner
  if (/^["']/.test(text)) return null
  // A `#` inside a value is part of it: passwords have them.
  return text.replace(/(?:^|\s+)#.*$/, '')
}
