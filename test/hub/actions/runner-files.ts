import { readFileSync } from 'node:fs'

/** What a step wrote to GITHUB_OUTPUT or GITHUB_ENV: `name=value`, and `name<<END` over several lines. */
export function readPairs(file: string): Record<string, string> {
  const pairs: Record<string, string> = {}
  const lines = readLines(file)
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const [, name, delimiter] = /^([^=]*?)<<(.+)$/.exec(line) ?? []
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter, at + 1)
      if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`)
      pairs[name] = lines.slice(at + 1, end).join('\n')
      at = end
    } else if (line !== '') {
      const equals = line.indexOf('=')
      if (equals < 1) throw new Error(`Invalid format '${line}'`)
      pairs[line.slice(0, equals)] = line.slice(equals + 1)
    }
  }
  return pairs
}

export function readLines(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** What the runner makes of commands in the output, and of secrets. */
export function readOutput(text: string, masks: Set<string>): string {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  const shown: string[] = []
  for (const line of lines) {
    const [, command, value = ''] = /^::([a-z-]+)(?:\s[^:]*)?::(.*)$/.exec(line) ?? []
    if (command === 'add-mask' && value !== '') masks.add(value)
    shown.push(asLogLine(line, command, value))
  }
  return mask(shown.join('\n'), masks)
}

function asLogLine(line: string, command: string | undefined, value: string): string {
  if (command === 'add-mask') return '::add-mask::***'
  if (command === 'endgroup') return '##[endgroup]'
  const known = ['error', 'warning', 'notice', 'debug', 'group']
  return command !== undefined && known.includes(command) ? `##[${command}]${value}` : line
}

export function mask(text: string, masks: Set<string>): string {
  return [...masks].reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
}
