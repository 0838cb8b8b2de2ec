import {
  explainKey,
  explainTop,
  explainVariable,
  typeable,
  type KeyLine,
  type KeyWords,
} from '../../config/explain.ts'
import { loadWithOrigins } from '../../config/load.ts'
import { pathText } from '../../config/problems.ts'
import { effectiveLeaves, sourceText, type Leaf } from '../../config/provenance.ts'
import { shownValue } from '../../config/shown-value.ts'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { exits, type ExitCode } from '../exit.ts'
import type { CommonOptions } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Surface } from '../surface.ts'
import { pad, wrap } from '../width.ts'

/** What is known of the values: them, or why there are none. */
type Current = { leaves: Leaf[]; environments: string[] } | { problem: Failure }

/** Explains a key, a variable, or the sections. Works without a project and with a broken file. */
export async function runConfigExplain(
  surface: Surface,
  options: CommonOptions,
  key?: string,
): Promise<ExitCode> {
  const print = (data: Record<string, unknown>, lines: readonly string[]) => {
    const json = () => JSON.stringify({ schema_version: 1, ...data }, null, 2)
    surface.out.write(`${options.json ? json() : lines.join('\n')}\n`)
    return exits.done
  }
  if (key === undefined) {
    const keys = explainTop()
    return print({ keys }, [...keyLines(keys, surface), '', 'more: gonogo config explain KEY'])
  }
  const variable = explainVariable(key)
  if (variable) {
    return print({ variable: key, ...variable }, variableLines(key, variable, surface))
  }
  const current = await currentValues(surface, options)
  const words = explainKey(key, 'problem' in current ? [] : current.environments)
  const leaves = 'problem' in current ? [] : leavesOf(words, current.leaves)
  const problem = 'problem' in current ? current.problem : null
  return print(
    { ...words, current: problem ? null : leaves.map(jsonOf), problem: problem?.message ?? null },
    [
      ...wordLines(words, surface),
      ...nowLines(words, leaves, problem),
      ...belowLines(words, surface),
    ],
  )
}

async function currentValues(surface: Surface, options: CommonOptions): Promise<Current> {
  const { env, cwd } = surface
  const directory = options.project
  try {
    const loaded = await loadWithOrigins({ env, cwd, ...(directory && { directory }) })
    const environments = loaded.project.environments.map(({ name }) => name)
    return { leaves: effectiveLeaves(loaded.project, loaded.origins), environments }
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid_configuration')
      return { problem: error }
    throw error
  }
}

/** The values a key has now. What is told key by key further down is left to the keys below. */
function leavesOf({ path, keys }: KeyWords, leaves: readonly Leaf[]): Leaf[] {
  if (keys.length > 0) return []
  return leaves.filter((leaf) =>
    path.every((key, index) => key === null || String(leaf.path[index]) === String(key)),
  )
}

function jsonOf({ path, value, source }: Leaf) {
  return { path: pathText(path), ...shownValue(path, value), source }
}

function variableLines(
  name: string,
  { meaning, fallback }: { meaning: string; fallback: string },
  surface: Surface,
): string[] {
  const { strong } = paletteFor(surface.out)
  const isSet = (surface.env[name] ?? '').trim() !== ''
  return [
    strong(name),
    ...paragraph(meaning, surface),
    '',
    `  unset   ${fallback}`,
    `  now     ${isSet ? 'set' : 'unset'}`,
  ]
}

function wordLines(words: KeyWords, surface: Surface): string[] {
  const { strong } = paletteFor(surface.out)
  const rows = [
    `  type      ${words.allowed && words.allowed.length > 1 ? `one of ${words.allowed.join(', ')}` : words.type}`,
    ...(words.required ? ['  default   none, it is required'] : []),
    ...(words.default === '' ? [] : [`  default   ${words.default}`]),
  ]
  return [strong(words.key), ...paragraph(words.description, surface), '', ...rows]
}

function nowLines({ keys }: KeyWords, leaves: readonly Leaf[], problem: Failure | null): string[] {
  if (problem) {
    const [first = '', ...others] = problem.message.split('\n')
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`
    return [`  now       not known: ${oneLine(first, 300)}${more}`, `  next      ${problem.hint}`]
  }
  if (leaves.length === 0 && keys.length === 0) return ['  now       not set']
  return leaves.map(({ path, value, source }, index) => {
    const shown = shownValue(path, value)
    const text = 'redacted' in shown ? shown.redacted : JSON.stringify(shown.value)
    const lead = index === 0 ? '  now       ' : '            '
    return `${lead}${pathText(path)} = ${oneLine(text, 300)}  # ${oneLine(sourceText(source), 200)}`
  })
}

function belowLines({ keys, key }: KeyWords, surface: Surface): string[] {
  if (keys.length === 0) return []
  const isOneKey = typeable(key) === key
  const show = isOneKey ? `gonogo config show ${key}` : 'gonogo config show'
  return ['', ...keyLines(keys, surface), '', `values: ${show}`]
}

function keyLines(keys: readonly KeyLine[], surface: Surface): string[] {
  const width = Math.max(...keys.map(({ key }) => key.length)) + 3
  const { strong } = paletteFor(surface.out)
  const rows = keys.flatMap(({ key, required, description }) => {
    const lead = strong(pad(`  ${key}${required ? '*' : ''}`, width + 2))
    const lines = wrap(description, widthOf(surface) - width - 2)
    return lines.map((line, index) => `${index === 0 ? lead : ' '.repeat(width + 2)}${line}`)
  })
  return keys.some(({ required }) => required) ? [...rows, '', '* required'] : rows
}

function paragraph(text: string, surface: Surface): string[] {
  return wrap(text, widthOf(surface) - 2).map((line) => `  ${line}`)
}

/** Nothing is broken for a program that reads the text. */
function widthOf({ out }: Surface): number {
  return out.isTTY ? out.columns : Infinity
}
