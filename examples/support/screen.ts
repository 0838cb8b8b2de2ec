import { stripVTControlCharacters, styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** What an example says. Colours vanish when it is piped or NO_COLOR is set; a sign is always beside them. */
export const screen = {
  step: (text: string) => print(`\n${paint(['bold', 'cyan'], text)}`),
  detail: (text: string) => print(`  ${paint('dim', plain(text))}`),
  good: (text: string) => print(`  ${paint('green', '✓')} ${plain(text)}`),
  bad: (text: string) => print(`  ${paint('red', '✗')} ${plain(text)}`),
  /** Something a person has to do now. */
  ask: (text: string) => print(`  ${paint('yellow', '→')} ${paint('bold', plain(text))}`),
  checks: (checks: readonly { check_name: string; status: string; message: string }[]) => {
    for (const { check_name, status, message } of checks) {
      screen.detail(`${status.padEnd(8)} ${check_name.padEnd(20)} ${message}`)
    }
  },
}

/** Says why it ends here, and how: the exit code of a no-go. */
export function noGo(why: readonly string[]): number {
  for (const line of why) screen.bad(line)
  return 1
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** Messages may quote logs and commits. */
function plain(text: string): string {
  return stripVTControlCharacters(text)
}
