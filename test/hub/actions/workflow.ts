import { parse } from 'yaml'
import type { GitHubParser } from './github-parser.ts'

/** A workflow file: what GitHub's parser made of it, and beside it what that leaves out. */
export interface Workflow {
  /** Path in the repository. */
  path: string
  name: string
  runName: string | null
  /** By event; null for an event without settings. */
  on: Record<string, unknown>
  /** Of a dispatch. */
  inputs: Record<string, WorkflowInput>
  /** Of a call by another workflow. */
  callInputs: Record<string, WorkflowInput>
  env: unknown
  permissions: unknown
  concurrency: unknown
  defaults: Shape
  jobs: JobSpec[]
  /** Of a reusable workflow: values that its caller gets. */
  callOutputs: Record<string, Shape>
  /** The workflows of the repository that its jobs call, by what they write under `uses`. */
  calls: Map<string, Workflow>
}

export interface WorkflowInput {
  type: 'string' | 'choice' | 'boolean' | 'number' | 'environment'
  required: boolean
  default: unknown
  options: string[]
}

export interface JobSpec {
  id: string
  name: unknown
  needs: string[]
  /** With the `success()` that GitHub adds where a condition has no status function. */
  if: string
  environment: unknown
  permissions: unknown
  concurrency: unknown
  matrix: unknown
  failFast: unknown
  env: unknown
  defaults: Shape
  outputs: Shape
  continueOnError: unknown
  timeoutMinutes: unknown
  runsOn: unknown
  steps: StepSpec[]
  /** A job that calls another workflow. */
  uses: string | null
  with: unknown
}

export interface StepSpec {
  id: string
  name: unknown
  if: string
  uses: string | null
  run: string | null
  shell: unknown
  workingDirectory: unknown
  env: unknown
  with: unknown
  continueOnError: unknown
  timeoutMinutes: unknown
}

type Shape = Record<string, unknown>

/** Fails with GitHub's own words about what is wrong in the file. */
export async function readWorkflow(
  { parser }: GitHubParser,
  path: string,
  text: string,
): Promise<Workflow> {
  const parsed = parser.parseWorkflow(
    { name: path, content: text },
    new parser.NoOperationTraceWriter(),
  )
  const errors = () => parsed.context.errors.getErrors().map((error) => error.message)
  if (errors().length > 0 || parsed.value === undefined) throw new Error(errors().join('; '))
  const template = await parser.convertWorkflowTemplate(parsed.context, parsed.value)
  if (errors().length > 0) throw new Error(errors().join('; '))
  const raw = shape(parse(text))
  const on = triggers(raw.on)
  return {
    path,
    name: typeof raw.name === 'string' ? raw.name : path,
    runName: typeof raw['run-name'] === 'string' ? raw['run-name'] : null,
    on,
    inputs: inputsOf(shape(on.workflow_dispatch).inputs),
    callInputs: inputsOf(shape(on.workflow_call).inputs),
    env: raw.env,
    permissions: raw.permissions,
    concurrency: raw.concurrency,
    defaults: shape(raw.defaults),
    callOutputs: shape(shape(on.workflow_call).outputs) as Record<string, Shape>,
    calls: new Map(),
    jobs: template.jobs.map((job) => jobSpec(job as Planned, shape(shape(raw.jobs)[job.id.value]))),
  }
}

/** As much of the parser's model as is used: it decides which jobs there are, in which order, and when. */
interface Planned {
  id: { value: string }
  needs?: { value: string }[]
  if?: { expression: string }
  steps?: { id: string; if?: { expression: string } }[]
}

function jobSpec(planned: Planned, raw: Shape): JobSpec {
  const steps = Array.isArray(raw.steps) ? raw.steps : []
  const strategy = shape(raw.strategy)
  return {
    id: planned.id.value,
    name: raw.name,
    needs: (planned.needs ?? []).map((need) => need.value),
    if: planned.if?.expression ?? 'success()',
    environment: raw.environment,
    permissions: raw.permissions,
    concurrency: raw.concurrency,
    matrix: strategy.matrix,
    failFast: strategy['fail-fast'] ?? true,
    env: raw.env,
    defaults: shape(raw.defaults),
    outputs: shape(raw.outputs),
    continueOnError: raw['continue-on-error'] ?? false,
    timeoutMinutes: raw['timeout-minutes'] ?? 360,
    runsOn: raw['runs-on'],
    steps: (planned.steps ?? []).map((step, index) => stepSpec(step, shape(steps[index]))),
    uses: typeof raw.uses === 'string' ? raw.uses : null,
    with: raw.with,
  }
}

function stepSpec(planned: { id: string; if?: { expression: string } }, raw: Shape): StepSpec {
  return {
    id: planned.id,
    name: raw.name,
    if: planned.if?.expression ?? 'success()',
    uses: typeof raw.uses === 'string' ? raw.uses : null,
    run: typeof raw.run === 'string' ? raw.run : null,
    shell: raw.shell,
    workingDirectory: raw['working-directory'],
    env: raw.env,
    with: raw.with,
    continueOnError: raw['continue-on-error'] ?? false,
    timeoutMinutes: raw['timeout-minutes'],
  }
}

/** `on: push`, `on: [push, ...]` and `on: {push: ...}` are the same thing. */
function triggers(on: unknown): Record<string, unknown> {
  if (typeof on === 'string') return { [on]: null }
  if (Array.isArray(on)) return Object.fromEntries(on.map((event) => [String(event), null]))
  return shape(on)
}

function inputsOf(raw: unknown): Record<string, WorkflowInput> {
  return Object.fromEntries(
    Object.entries(shape(raw)).map(([name, given]) => {
      const input = shape(given)
      return [
        name,
        {
          type: (input.type ?? 'string') as WorkflowInput['type'],
          required: input.required === true,
          default: input.default,
          options: Array.isArray(input.options) ? input.options.map(String) : [],
        },
      ]
    }),
  )
}

export function shape(value: unknown): Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Shape)
    : {}
}

/** A value of YAML or JSON as text. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
