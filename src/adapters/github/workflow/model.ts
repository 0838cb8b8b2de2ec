/** A workflow file as data: what the plan and the rules read, each part with its place in the file. */
export interface Workflow {
  /** Path in the repository. */
  file: string
  /** The whole file. */
  source: string
  /** Everything, also what this model leaves out. */
  root: Mapping
  name: Text | null
  runName: Text | null
  /** What starts it: `on`. */
  events: WorkflowEvent[]
  /** Inputs of `workflow_dispatch`. */
  inputs: DeclaredInput[]
  /** Inputs of `workflow_call`. */
  callInputs: DeclaredInput[]
  /** Null: none are set, so the repository's default holds. */
  permissions: Permissions | null
  concurrency: Concurrency | null
  defaults: Defaults
  env: Entry[]
  /** In the order of the file. */
  jobs: Job[]
}

/** One-based. */
export interface Place {
  line: number
  column: number
}

/** Plain YAML with places, aliases resolved. */
export type Node = Text | List | Mapping

/** A scalar as it was written; expressions `${{ }}` are still in it. */
export interface Text extends Place {
  kind: 'text'
  text: string
  /** What YAML makes of it: `true` is a boolean, `'true'` a string. */
  value: string | number | boolean | null
  /** Where the content of a block (`|`, `>`) begins; null for a text within a line. */
  block: Place | null
}

export interface List extends Place {
  kind: 'list'
  items: Node[]
}

export interface Mapping extends Place {
  kind: 'mapping'
  entries: Entry[]
}

export interface Entry {
  key: Text
  value: Node
}

export interface WorkflowEvent extends Place {
  name: string
  /** Its filters and inputs: null for a bare name. */
  config: Mapping | null
}

export interface DeclaredInput extends Place {
  name: string
  type: 'string' | 'choice' | 'boolean' | 'number' | 'environment'
  required: boolean
  default: string | number | boolean | null
  /** Of a `choice`; otherwise empty. */
  options: string[]
  description: string | null
}

export interface Permissions extends Place {
  /** `read-all`, `write-all`; null when scopes are listed. */
  all: string | null
  scopes: Entry[]
}

export interface Concurrency extends Place {
  group: Text
  cancelInProgress: Text | null
}

export interface Defaults {
  shell: Text | null
}

/** Its place is that of its id. */
export interface Job extends Place {
  id: string
  name: Text | null
  needs: Text[]
  if: Text | null
  environment: EnvironmentReference | null
  runsOn: Node | null
  permissions: Permissions | null
  concurrency: Concurrency | null
  defaults: Defaults
  env: Entry[]
  strategy: Strategy | null
  continueOnError: Text | null
  outputs: Entry[]
  steps: Step[]
  /** The reusable workflow it calls; null for a job with steps. */
  uses: Text | null
  /** Inputs of the called workflow. */
  with: Entry[]
  body: Mapping
}

export interface EnvironmentReference extends Place {
  name: Text
}

export interface Strategy extends Place {
  /** Null without one. */
  matrix: Node | null
}

/** Its place is that of its first key. */
export interface Step extends Place {
  /** From 0. */
  index: number
  id: string | null
  name: Text | null
  if: Text | null
  uses: Text | null
  run: Text | null
  shell: Text | null
  with: Entry[]
  env: Entry[]
  continueOnError: Text | null
  body: Mapping
}

/** The value of a key, or null. */
export function valueOf(entries: readonly Entry[], key: string): Node | null {
  return entries.find((entry) => entry.key.text === key)?.value ?? null
}

/** The text of a key, or null where there is none or something else. */
export function textOf(entries: readonly Entry[], key: string): Text | null {
  const value = valueOf(entries, key)
  return value?.kind === 'text' ? value : null
}

/** Every scalar below a node that is a value, with the key it belongs to; null for items of lists. */
export function* textsIn(
  node: Node,
  key: Text | null = null,
): Generator<{ text: Text; key: Text | null }> {
  if (node.kind === 'text') yield { text: node, key }
  else if (node.kind === 'list') for (const item of node.items) yield* textsIn(item, null)
  else for (const entry of node.entries) yield* textsIn(entry.value, entry.key)
}

/** Where a character of a text stands in the file. Exact within a line and in blocks; else the line it begins on. */
export function placeIn(text: Text, offset: number): Place {
  const before = text.text.slice(0, offset).split('\n')
  const last = before.at(-1) ?? ''
  if (text.block === null)
    return { line: text.line, column: before.length > 1 ? text.column : text.column + last.length }
  return { line: text.block.line + before.length - 1, column: text.block.column + last.length }
}
