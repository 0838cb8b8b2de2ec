import {
  textOf,
  valueOf,
  type EnvironmentReference,
  type Job,
  type Mapping,
  type Node,
  type Step,
  type Strategy,
  type Text,
} from './model.ts'
import {
  readConcurrency,
  readDefaults,
  readEntries,
  readPermissions,
  readTexts,
} from './read-parts.ts'

export function readJob(id: Text, body: Mapping): Job {
  const { entries } = body
  return {
    id: id.text,
    line: id.line,
    column: id.column,
    name: textOf(entries, 'name'),
    needs: readTexts(valueOf(entries, 'needs')),
    if: textOf(entries, 'if'),
    environment: readEnvironment(valueOf(entries, 'environment')),
    runsOn: valueOf(entries, 'runs-on'),
    permissions: readPermissions(valueOf(entries, 'permissions')),
    concurrency: readConcurrency(valueOf(entries, 'concurrency')),
    defaults: readDefaults(valueOf(entries, 'defaults')),
    env: readEntries(valueOf(entries, 'env')),
    strategy: readStrategy(valueOf(entries, 'strategy')),
    continueOnError: textOf(entries, 'continue-on-error'),
    outputs: readEntries(valueOf(entries, 'outputs')),
    steps: readSteps(valueOf(entries, 'steps')),
    uses: textOf(entries, 'uses'),
    with: readEntries(valueOf(entries, 'with')),
    body,
  }
}

function readEnvironment(node: Node | null): EnvironmentReference | null {
  if (node === null || (node.kind === 'text' && node.text === '')) return null
  const { line, column } = node
  if (node.kind === 'text') return { line, column, name: node }
  const entries = readEntries(node)
  const name = textOf(entries, 'name')
  return name && { line, column, name }
}

function readStrategy(node: Node | null): Strategy | null {
  if (node?.kind !== 'mapping') return null
  const { line, column, entries } = node
  return {
    line,
    column,
    matrix: valueOf(entries, 'matrix'),
  }
}

function readSteps(node: Node | null): Step[] {
  if (node?.kind !== 'list') return []
  return node.items
    .filter((item) => item.kind === 'mapping')
    .map((body, index) => readStep(body, index))
}

function readStep(body: Mapping, index: number): Step {
  const { entries, line, column } = body
  return {
    index,
    line,
    column,
    id: textOf(entries, 'id')?.text ?? null,
    name: textOf(entries, 'name'),
    if: textOf(entries, 'if'),
    uses: textOf(entries, 'uses'),
    run: textOf(entries, 'run'),
    shell: textOf(entries, 'shell'),
    with: readEntries(valueOf(entries, 'with')),
    env: readEntries(valueOf(entries, 'env')),
    continueOnError: textOf(entries, 'continue-on-error'),
    body,
  }
}
