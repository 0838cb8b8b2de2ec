const timestamp = /^\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ?/
// oxlint-disable-next-line no-control-regex
const colours = /\u001b\[[0-9;]*[A-Za-z]/g
const command = /^##\[([a-z-]+)\]/

/** More than anybody reads of one line; the cut is shown. */
const longestLine = 8 * 1024

const words: Readonly<Record<string, string>> = {
  error: 'error: ',
  warning: 'warning: ',
  notice: 'notice: ',
  debug: 'debug: ',
}

/** A line of a log of GitHub Actions for people; null for one that only ends a group. */
export function readable(raw: string): string | null {
  const text = raw.replace(timestamp, '').replace(colours, '')
  const line = text.length > longestLine ? `${text.slice(0, longestLine)}…` : text
  const name = command.exec(line)?.[1]
  if (name === undefined) return line
  if (name === 'endgroup') return null
  return `${words[name] ?? ''}${line.slice(name.length + 4)}`
}
