import { join } from 'node:path/posix'

/** A program of a script, and where it runs. */
export interface Simple {
  argv: string[]
  directory: string
}

/** A line of a script; `commands` is null when only a shell could run it. */
export interface ScriptLine {
  text: string
  /** Counted from the first line of the script. */
  offset: number
  commands: Simple[] | null
}

const controlFlow = /^(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|select|function)\b/
const heredoc = /<</

/**
 * Reads a script without running a shell. What means more than "this program with these arguments"
 * is not taken apart: a guess at quoting or expansion would be a wrong command.
 */
export function readScript(script: string, directory: string): ScriptLine[] {
  const lines = joinedLines(script)
  const isProgram = lines.some(({ text }) => controlFlow.test(text) || heredoc.test(text))
  let here: string | null = directory
  return lines.map(({ text, offset }) => {
    const commands: Simple[] | null = isProgram || here === null ? null : readLine(text, here)
    here = commands === null && /\bcd\b/.test(text) ? null : directoryAfter(text, here)
    return { text, offset, commands: commands?.filter(({ argv }) => argv[0] !== 'cd') ?? null }
  })
}

/** Lines with their continuations, without blank lines, comments and shell options. */
function joinedLines(script: string): { text: string; offset: number }[] {
  const found: { text: string; offset: number }[] = []
  let open: { text: string; offset: number } | null = null
  for (const [offset, raw] of script.split('\n').entries()) {
    const text: string = open ? `${open.text} ${raw.trim()}` : raw.trim()
    const start: number = open?.offset ?? offset
    open = /(?:^|[^\\])\\$/.test(text) ? { text: text.slice(0, -1).trim(), offset: start } : null
    if (open || text === '' || text.startsWith('#') || /^set [-+]/.test(text)) continue
    found.push({ text, offset: start })
  }
  return found
}

function readLine(text: string, directory: string): Simple[] | null {
  const words = wordsOf(text)
  if (words === null) return null
  const commands: Simple[] = []
  let here = directory
  for (const part of chain(words)) {
    if (part.length === 0) return null
    const argv = withVariables(part)
    if (argv === null) return null
    commands.push({ argv, directory: here })
    if (argv[0] !== 'cd') continue
    const target = argv.length === 2 ? inside(here, argv[1]!) : null
    if (target === null) return null
    here = target
  }
  return commands
}

function directoryAfter(text: string, here: string | null): string | null {
  if (here === null) return null
  const cd = (readLine(text, here) ?? []).filter(({ argv }) => argv[0] === 'cd').at(-1)
  return cd ? inside(cd.directory, cd.argv[1]!) : here
}

/** A directory below the root, or null when it leads out. */
export function inside(base: string, path: string): string | null {
  if (path.startsWith('/')) return null
  const joined = join(base, path).replace(/\/$/, '')
  return joined === '..' || joined.startsWith('../') ? null : joined
}

/** `A=1 program` as `env A=1 program`, which is the same without a shell. */
function withVariables(words: readonly string[]): string[] | null {
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
  if (first < 0) return null
  if (first === 0) return [...words]
  const hasSecret = words.slice(0, first).some((word) => secretName.test(word))
  return hasSecret ? null : ['env', ...words]
}

const secretName = /^\w*(?:TOKEN|SECRET|PASSWORD|PASSWD|KEY|CREDENTIAL|DATABASE_URL)\w*=/i

function chain(words: readonly (string | typeof and)[]): string[][] {
  const parts: string[][] = [[]]
  for (const word of words) {
    if (word === and) parts.push([])
    else parts.at(-1)!.push(word)
  }
  return parts
}

const and = Symbol('&&')

/** The words of a line, or null when something in it needs a shell. */
function wordsOf(text: string): (string | typeof and)[] | null {
  const token =
    /\s+|&&|(?:'[^'\p{C}]*'|"[^"$`\\\p{C}]*"|[^\s'"\\$`|&;<>(){}[\]*?~!#\p{C}]|(?<=\S)[~#!](?=\S))+/uy
  const words: (string | typeof and)[] = []
  while (token.lastIndex < text.length) {
    const found = token.exec(text)?.[0]
    if (found === undefined) return null
    if (found === '&&') words.push(and)
    else if (found.trim() !== '') words.push(unquoted(found))
  }
  return words
}

function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"([^"]*)"/g,
    (_, single?: string, double?: string) => single ?? double ?? '',
  )
}
