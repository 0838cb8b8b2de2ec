import { openGit } from '../git.ts'
import { HubError, notFound } from '../operation.ts'
import type { HubAnswer, HubRequest, Operation } from '../operation.ts'
import { repositoryPage, repositoryUrl } from '../views.ts'
import { tipOf } from './commits.ts'
import type { Engine } from './engine.ts'
import { startRun } from './runs.ts'
import { workflowAt, workflowFile } from './workflow-files.ts'
import { plainText, shape } from './workflow.ts'
import type { Workflow, WorkflowInput } from './workflow.ts'

export function dispatchOperations(engine: Engine): Operation[] {
  return [
    {
      method: 'POST',
      path: '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
      permission: 'actions=write',
      handle: (request) => dispatch(engine, request),
    },
  ]
}

async function dispatch(engine: Engine, request: HubRequest): Promise<HubAnswer> {
  const { core } = engine
  const { body, caller } = request
  const prepared = await prepareDispatch(engine, {
    workflow: request.params['workflow_id'] ?? '',
    ref: String(body['ref']),
    inputs: shape(body['inputs']),
  })
  if (request.fault('no_run') !== null) return answer(engine, request, core.nextId())
  const hideMs = request.fault('hide_run')?.ms ?? 0
  const other = request.fault('duplicate_run')
  if (other !== null) await startRun(engine, { ...prepared, actor: other.login })
  const run = await startRun(engine, { ...prepared, actor: caller.login, hideMs })
  return answer(engine, request, run.id)
}

function answer({ core }: Engine, request: HubRequest, id: number): HubAnswer {
  const asked = request.body['return_run_details'] === true || request.apiVersion === '2026-03-10'
  if (core.host === 'ghes' || !asked) return { status: 204 }
  return {
    status: 200,
    body: {
      workflow_run_id: id,
      run_url: `${repositoryUrl(core)}/actions/runs/${id}`,
      html_url: `${repositoryPage(core)}/actions/runs/${id}`,
    },
  }
}

interface Asked {
  /** Id or file name. */
  workflow: string
  ref: string
  inputs: Record<string, unknown>
}

/** What a dispatch would start; fails as GitHub refuses. */
export async function prepareDispatch(engine: Engine, asked: Asked) {
  const file = await workflowFile(engine, asked.workflow.replace(/^.*\//, ''))
  if (file === null) throw notFound()
  const tip = await tipOf(openGit(engine.core.git), asked.ref)
  if (tip === null) throw new HubError(422, `No ref found for: ${asked.ref}`)
  const workflow = await readable(engine, tip.sha, file.path)
  if (workflow === null || !('workflow_dispatch' in workflow.on)) {
    throw new HubError(422, "Workflow does not have 'workflow_dispatch' trigger")
  }
  checkInputs(workflow, asked.inputs)
  const inputs = withDefaults(workflow, asked.inputs)
  return { workflow, workflowId: file.id, event: 'workflow_dispatch', ...tip, inputs }
}

async function readable(engine: Engine, sha: string, path: string): Promise<Workflow | null> {
  try {
    return await workflowAt(engine, sha, path)
  } catch (error) {
    if (error instanceof HubError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new HubError(422, `failed to parse workflow: ${message}`)
  }
}

/** How many there may be is in GitHub's description, which the server checks. */
function checkInputs(workflow: Workflow, inputs: Record<string, unknown>): void {
  if (JSON.stringify(inputs).length > 65_535) throw new HubError(422, 'inputs are too large.')
  const unexpected = Object.keys(inputs).filter((name) => !Object.hasOwn(workflow.inputs, name))
  if (unexpected.length > 0) {
    throw new HubError(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`)
  }
  for (const [name, input] of Object.entries(workflow.inputs)) checkInput(name, input, inputs[name])
}

function checkInput(name: string, input: WorkflowInput, given: unknown): void {
  const missing = given === undefined || given === ''
  if (missing && input.required && input.default === undefined) {
    throw new HubError(422, `Required input '${name}' not provided`)
  }
  if (given === undefined) return
  const value = plainText(given)
  if (input.type === 'choice' && !input.options.includes(value)) {
    throw new HubError(
      422,
      `Provided value '${value}' for input '${name}' not in the list of allowed values`,
    )
  }
  if (input.type === 'boolean' && value !== 'true' && value !== 'false') {
    throw new HubError(422, `Provided value '${value}' for input '${name}' is not a boolean`)
  }
  if (input.type === 'number' && (value === '' || Number.isNaN(Number(value)))) {
    throw new HubError(422, `Provided value '${value}' for input '${name}' is not a number`)
  }
}

/** As the event of the run has them: texts, with the defaults of what was not given. */
function withDefaults(workflow: Workflow, given: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(workflow.inputs).map(([name, input]) => {
      const value = given[name] ?? input.default ?? (input.type === 'boolean' ? false : '')
      return [name, plainText(value)]
    }),
  )
}
