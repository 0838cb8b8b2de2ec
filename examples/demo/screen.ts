import { styleText } from 'node:util'
import { createTranscript } from './transcript.ts'

export const transcript = createTranscript()

/** What the demo says. Colours vanish when it is piped or NO_COLOR is set. */
export const screen = {
  chapter(number: number, title: string): void {
    print(`\n${paint(['bold', 'cyan'], `${number}. ${title}`)}`)
  },
  /** What is about to be shown, and how real it is. */
  say(text: string): void {
    print(`   ${text}`)
  },
  call(tool: string, args: Record<string, unknown>): void {
    transcript.line('>', `${tool} ${JSON.stringify(args)}`)
    const shown = Object.entries(args).map(([key, value]) => `${key}: ${short(value)}`)
    print(`   ${paint('magenta', 'assistant')} ${tool} ${paint('dim', `{ ${shown.join(', ')} }`)}`)
  },
  answer(text: string, good: boolean): void {
    transcript.line(' ', text)
    print(`   ${paint('blue', 'gonogo   ')} ${paint(good ? 'green' : 'yellow', text)}`)
  },
  human(text: string): void {
    transcript.line('$', text)
    print(`   ${paint('green', 'human    ')} ${text}`)
  },
  detail(text: string): void {
    print(`             ${paint('dim', text)}`)
  },
  proven(text: string): void {
    print(`   ${paint('green', '✓')} ${text}`)
  },
  wrong(text: string): void {
    print(`\n${paint('red', '✗')} ${text}`)
  },
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 48 ? `${text.slice(0, 47)}…` : text
}
