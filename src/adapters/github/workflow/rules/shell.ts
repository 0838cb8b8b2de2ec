import type { Text } from '../model.ts'
import type { StepIn } from './jobs.ts'

/** A line of a script; one that goes on after a backslash is one line. */
export interface Line {
  text: string
  /** Where it begins in the script. */
  offset: number
}

/** A part of a script that hides how it went. */
export interface Hidden {
  offset: number
  what: string
  fix: string
}

/** The lines of a script that do something. Offsets are those of the script as it stands in the file. */
export function linesOf({ text }: Text): Line[] {
  const joined = text.replace(/\\\n/g, '  ')
  const lines: Line[] = []
  let offset = 0
  for (const line of joined.split('\n')) {
    if (line.trim() !== '' && !line.trimStart().startsWith('#')) lines.push({ text: line, offset })
    offset += line.length + 1
  }
  return lines
}

/** Whether a step is run by bash or another shell of its kind. */
export function isShell({ step, job, workflow }: StepIn): boolean {
  const shell = shellOf({ step, job, workflow })
  if (shell !== null) return /^(?:bash|sh)\b/.test(shell)
  const { runsOn } = job
  return !(runsOn?.kind === 'text' && /windows/i.test(runsOn.text))
}

/** What a step says about its shell, or its job or file does. */
export function shellOf({ step, job, workflow }: StepIn): string | null {
  const said = step.shell ?? job.defaults.shell ?? workflow.defaults.shell
  return said?.text ?? null
}

/** A command and what it is given. */
export interface Invocation {
  words: string[]
  offset: number
}

/** Each time a program is called in a line, up to the next `|`, `;` or `&`. */
export function invocationsOf(program: string, { text, offset }: Line): Invocation[] {
  const pattern = new RegExp(
    String.raw`(?<![\w./-])${program}((?:\s+(?:"[^"\n]*"|'[^'\n]*'|\\.|[^\s|;&"'()])+)*)`,
    'g',
  )
  return [...text.matchAll(pattern)].map((match) => ({
    words: (match[1] ?? '').match(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'])+/g) ?? [],
    offset: offset + match.index,
  }))
}

// Options of curl whose value may follow at once: what comes after such a letter is no option.
const takesValue = /[AbcCdDeEFHhKmoPQrtTuUwxXyYz]/

/** Whether an option is given, by its long name or its letter: `-f` is in `-sSf`. */
export function hasOption(words: readonly string[], long: RegExp, letter: string): boolean {
  return words.some((word) => {
    if (word.startsWith('--')) return long.test(word.slice(2).replace(/=.*$/s, ''))
    if (!/^-[A-Za-z#]/.test(word)) return false
    for (const one of word.slice(1)) {
      if (one === letter) return true
      if (takesValue.test(one)) return false
    }
    return false
  })
}

const talk =
  /^(?:echo|printf|true|:|exit 0|sleep|set|cd|pwd|date|ls|cat|then|else|fi|do|done|esac|if|export)\b|^[A-Za-z_]\w*=[^$`]*$|^(?:\{|\}|:)$/
const lookOnly =
  /^git (?:checkout|switch|fetch|log|show|status|diff|rev-parse|describe|tag(?: -l| --list)?$|config)\b/

/** Whether a script only talks or looks: whatever it runs, nothing is different afterwards. */
export function onlyTalks(run: Text): boolean {
  return linesOf(run).every(({ text }) => {
    // Whatever is called within a word can do anything.
    if (
      /[`]|\$\(|>\s*[^&\s]/.test(
        text.replace(/>>?\s*"?\$GITHUB_(?:STEP_SUMMARY|OUTPUT|ENV)"?/g, ''),
      )
    )
      return false
    return text
      .split(/&&|\|\||;|\|/)
      .map((part) => part.trim())
      .every((part) => part === '' || talk.test(part) || lookOnly.test(part))
  })
}
