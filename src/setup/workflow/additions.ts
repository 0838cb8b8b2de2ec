import { isMap, isScalar, parseDocument, type Pair, type Range, type YAMLMap } from 'yaml'

/** A text to be put in at an offset; `until` is where what it replaces ends. */
interface Edit {
  at: number
  until: number
  text: string
}

/**
 * The text of a workflow with what gonogo needs of it: inputs that say which deployment it is, and a
 * title by which its run is found again. The rest of the file stays as it is, comments too. Null when it
 * is written in a way that cannot be added to line by line.
 */
export function withAdditions(text: string): string | null {
  const document = parseDocument(text, { prettyErrors: false })
  const root = document.contents
  if (document.errors.length > 0 || !isMap(root) || root.flow) return null
  const on = pairOf(root, 'on')
  if (on === undefined) return null
  const inputs = inputEdits(text, on)
  if (inputs === null) return null
  const edits = [...inputs, ...titleEdits(text, root, on)]
  return edits
    .toSorted((left, right) => right.at - left.at)
    .reduce((all, { at, until, text: added }) => all.slice(0, at) + added + all.slice(until), text)
}

const wanted = [
  {
    names: ['deployment_id', 'correlation_id'],
    lines: ['deployment_id:', '  description: Id of the deployment at gonogo', '  type: string'],
  },
  {
    names: ['commit', 'sha', 'ref', 'version'],
    lines: ['commit:', '  description: Full hash of the commit to deploy', '  type: string'],
  },
  {
    names: ['approval_id'],
    lines: ['approval_id:', '  description: Id of the approval', '  type: string'],
  },
  {
    names: ['approval'],
    lines: ['approval:', '  description: The signed approval', '  type: string'],
  },
]

/** Null when the event is not written as a mapping or a plain list of names. */
function inputEdits(text: string, on: Pair): Edit[] | null {
  const events = on.value
  if (isMap(events) && !events.flow) {
    const dispatch = pairOf(events, 'workflow_dispatch')
    return dispatch ? dispatchEdits(text, dispatch) : null
  }
  const names = namesIn(events)
  if (names === null || !names.includes('workflow_dispatch')) return null
  const { start, end } = spanOf(on)
  const until = text.slice(0, end).trimEnd().length
  // A comment within the list would be lost.
  if (text.slice(start, until).includes('#')) return null
  const lines = names.map((name) => (name === 'workflow_dispatch' ? dispatchLines() : `  ${name}:`))
  return [{ at: start, until, text: `on:\n${lines.join('\n')}` }]
}

function dispatchLines(): string {
  const all = wanted.flatMap(({ lines }) => lines)
  return ['  workflow_dispatch:', '    inputs:', ...all.map((line) => `      ${line}`)].join('\n')
}

function dispatchEdits(text: string, dispatch: Pair): Edit[] | null {
  const column = columnOf(text, spanOf(dispatch).start)
  const { value } = dispatch
  if (isMap(value) && value.flow) return null
  const inputs = isMap(value) ? pairOf(value, 'inputs') : undefined
  if (inputs === undefined) {
    const lines = [
      'inputs:',
      ...wanted.flatMap(({ lines: more }) => more.map((line) => `  ${line}`)),
    ]
    return [after(text, isMap(value) ? spanOf(dispatch).end : keyEnd(dispatch), lines, column + 2)]
  }
  if (!isMap(inputs.value) || inputs.value.flow) return null
  const declared = inputs.value.items.map(keyOf)
  const missing = wanted.filter(({ names }) => !names.some((name) => declared.includes(name)))
  const indent = columnOf(text, spanOf(inputs.value.items[0]!).start)
  const lines = missing.flatMap(({ lines: more }) => more)
  return lines.length === 0 ? [] : [after(text, spanOf(inputs).end, lines, indent)]
}

/** Lines of their own, behind the line in which something ends. */
function after(text: string, end: number, lines: readonly string[], indent: number): Edit {
  // The end of a mapping may be on a later line, behind comments that belong to what follows.
  const last = text.slice(0, end).trimEnd().length
  const newline = text.indexOf('\n', last)
  const at = newline < 0 ? text.length : newline
  return { at, until: at, text: lines.map((line) => `\n${' '.repeat(indent)}${line}`).join('') }
}

function titleEdits(text: string, root: YAMLMap, on: Pair): Edit[] {
  const id = '${{ inputs.deployment_id }}'
  const title = pairOf(root, 'run-name')
  if (title === undefined) {
    const name = pairOf(root, 'name')
    const { value } = name ?? {}
    const words =
      isScalar(value) && /^[\w .-]+$/.test(String(value.value)) ? String(value.value) : 'Deploy'
    const line = `run-name: ${words} (${id})`
    if (name !== undefined) return [after(text, spanOf(name).end, [line], 0)]
    const { start } = spanOf(on)
    return [{ at: start, until: start, text: `${line}\n` }]
  }
  const { value } = title
  if (!isScalar(value) || /inputs\.(?:deployment|correlation)_id/.test(String(value.value)))
    return []
  const [, end] = value.range as Range
  const quoted = /QUOTE/.test(String(value.type)) ? 1 : 0
  return [{ at: end - quoted, until: end - quoted, text: ` (${id})` }]
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => keyOf(pair) === key)
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : ''
}

/** The event names of `on: NAME` and `on: [NAME, ...]`. */
function namesIn(node: unknown): string[] | null {
  const value = (node as { toJSON?: () => unknown } | null)?.toJSON?.()
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list)) return null
  return list.every((name) => typeof name === 'string') ? list : null
}

function keyEnd({ key }: Pair): number {
  return (key as { range: Range }).range[1]
}

function spanOf({ key, value }: Pair): { start: number; end: number } {
  const [start, keyStop] = (key as { range: Range }).range
  const end = (value as { range?: Range | null } | null)?.range?.[1]
  return { start, end: Math.max(keyStop, end ?? keyStop) }
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}
