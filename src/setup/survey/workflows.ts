import { at, items, members, readYaml, textAt, type Structured } from './structured.ts'
import type { Tree } from './tree.ts'

/** A step of a job that runs a script or uses an action. */
export interface Step {
  uses: string | null
  run: string | null
  /** The line of the script's first line. */
  line: number
  directory: string
  isConditional: boolean
  variables: string[]
}

export interface Job {
  id: string
  line: number
  environment: { name: string; url: string | null; line: number } | null
  services: string[]
  variables: string[]
  inContainer: boolean
  steps: Step[]
  /** Another workflow that does this job's work. */
  reuses: string | null
}

export interface Workflow {
  path: string
  name: string
  triggers: string[]
  jobs: Job[]
}

const most = 100

/** The workflows of GitHub Actions; files that are no workflows are passed over. */
export async function readWorkflows(tree: Tree): Promise<Workflow[]> {
  const paths = tree.files.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
  const found: Workflow[] = []
  for (const path of paths.slice(0, most)) {
    const text = await tree.read(path)
    const document = readYaml(text ?? '')[0]
    if (document) found.push(workflowOf(path, document))
    // What it deploys or tests is unknown, which is not the same as nothing.
    else if (text?.trim() !== '') tree.missed(path)
  }
  return found
}

function workflowOf(path: string, document: Structured): Workflow {
  const { value } = document
  return {
    path,
    name: textAt(value, 'name') ?? path.replace(/^.*\//, ''),
    triggers: triggersOf(at(value, 'on')),
    jobs: members(at(value, 'jobs'))
      .slice(0, most)
      .map(([id, job]) => jobOf(id, job, document)),
  }
}

function triggersOf(on: unknown): string[] {
  if (typeof on === 'string') return [on]
  const names = Array.isArray(on) ? on : members(on).map(([name]) => name)
  return names.filter((name) => typeof name === 'string')
}

function jobOf(id: string, job: unknown, { value, lineOf }: Structured): Job {
  const fallback =
    textAt(job, 'defaults', 'run', 'working-directory') ??
    textAt(value, 'defaults', 'run', 'working-directory') ??
    '.'
  const path = ['jobs', id, 'steps'] as const
  const combinations = combinationsOf(at(job, 'strategy', 'matrix'))
  return {
    id,
    line: lineOf('jobs', id),
    environment: environmentOf(job, lineOf('jobs', id, 'environment')),
    services: members(at(job, 'services')).map(([name]) => name),
    variables: members(at(job, 'env')).map(([name]) => name),
    inContainer: at(job, 'container') !== undefined,
    reuses: textAt(job, 'uses'),
    steps: items(at(job, 'steps'))
      .slice(0, most)
      .flatMap((step, index) => {
        const line = lineOf(...path, index, 'run') + (isBlock(step) ? 1 : 0)
        return stepsOf(step, line, fallback, combinations)
      }),
  }
}

function isBlock(step: unknown): boolean {
  return (textAt(step, 'run') ?? '').includes('\n')
}

function environmentOf(job: unknown, line: number): Job['environment'] {
  const name = textAt(job, 'environment') ?? textAt(job, 'environment', 'name')
  if (name === null || name.includes('${{')) return null
  return { name, url: textAt(job, 'environment', 'url'), line }
}

/** A step; one per combination when all it runs is a value of the matrix. */
function stepsOf(step: unknown, line: number, fallback: string, matrix: Matrix): Step[] {
  const run = textAt(step, 'run')
  const made: Step = {
    uses: textAt(step, 'uses'),
    run,
    line,
    directory: textAt(step, 'working-directory') ?? fallback,
    isConditional: at(step, 'if') !== undefined,
    variables: members(at(step, 'env')).map(([name]) => name),
  }
  const key = /^\$\{\{\s*matrix\.([\w-]+)\s*\}\}$/.exec(run?.trim() ?? '')?.[1]
  const values = key === undefined ? [] : (matrix.get(key) ?? [])
  return values.length === 0 ? [made] : values.map((value) => ({ ...made, run: value }))
}

type Matrix = ReadonlyMap<string, readonly string[]>

/** The texts each key of a matrix takes. */
function combinationsOf(matrix: unknown): Matrix {
  const found = new Map<string, string[]>()
  const add = (key: string, value: unknown) => {
    if (typeof value !== 'string' || value.includes('${{')) return
    const values = found.get(key) ?? []
    if (values.length < 10 && !values.includes(value)) found.set(key, [...values, value])
  }
  for (const [key, values] of members(matrix)) for (const value of items(values)) add(key, value)
  for (const entry of items(at(matrix, 'include'))) {
    for (const [key, value] of members(entry)) add(key, value)
  }
  return found
}
