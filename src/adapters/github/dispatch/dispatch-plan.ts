import type { PlanAction } from '../../../core/plan.ts'
import type { Environment } from '../../../core/project.ts'
import type { Release } from '../../../core/release.ts'
import { inputProblems, type InputProblem } from './input-problems.ts'
import type { DeclaredInput } from '../workflow/model.ts'

/** All that decides what a workflow is told when it is started. */
export interface DispatchFacts {
  /** By name, from the file at the ref. */
  declared: ReadonlyMap<string, DeclaredInput>
  /** The project's own inputs; the environment's come on top. */
  configured: Readonly<Record<string, string>>
  environment: Pick<Environment, 'github'>
  action: PlanAction
  release: Release
  deploymentId: string
  /** The signed request as the workflow gets it, and its id; null where there is none. */
  approval: { text: string; id: string } | null
  /** How many inputs this GitHub takes. */
  mostInputs: number
}

/** What will be sent. */
export interface DispatchPlan {
  inputs: Record<string, string>
  /** `ref`: no input carries the commit, so the workflow has to be started on it. */
  carriedBy: 'input' | 'ref'
  /** Inputs that get the deployment's id. */
  idInputs: string[]
  problems: InputProblem[]
}

type Values = Readonly<
  Record<'environment' | 'version' | 'sha' | 'deployment_id' | 'approval' | 'action', string>
>

/** Maps a deployment to the inputs that the workflow really declares. Nothing else would be taken. */
export function planDispatch(facts: DispatchFacts): DispatchPlan {
  const values = valuesOf(facts)
  const configured = { ...facts.configured, ...facts.environment.github.inputs }
  const texts = { ...usual(facts, configured, values), ...filled(configured, values) }
  const inputs = Object.fromEntries(
    Object.entries(texts).filter(([name]) => facts.declared.has(name)),
  )
  return {
    inputs,
    carriedBy: carriesCommit(inputs, configured, values) ? 'input' : 'ref',
    idInputs: Object.keys(inputs).filter((name) => inputs[name]?.includes(values.deployment_id)),
    problems: inputProblems({ ...facts, configured, inputs }),
  }
}

function valuesOf({ environment, action, release, deploymentId, approval }: DispatchFacts): Values {
  return {
    environment: environment.github.environment,
    version: release.version,
    sha: release.sha,
    deployment_id: deploymentId,
    approval: approval?.text ?? '',
    action,
  }
}

const commitInputs = ['commit', 'sha', 'ref']

/** What an input gets whose name says what it is for, unless the configuration says something else. */
function usual(
  { declared, approval }: DispatchFacts,
  configured: Readonly<Record<string, string>>,
  values: Values,
): Record<string, string> {
  const told = (name: string) => declared.has(name) && configured[name] === undefined
  const hasCommit = commitInputs.some(told) || Object.values(configured).some(namesCommit)
  return {
    environment: values.environment,
    // Alone it has to say which commit: a tag can be moved.
    version: hasCommit ? values.version : values.sha,
    ...Object.fromEntries(commitInputs.map((name) => [name, values.sha])),
    deployment_id: values.deployment_id,
    correlation_id: values.deployment_id,
    action: values.action,
    ...(approval && { approval: approval.text, approval_id: approval.id }),
  }
}

function filled(
  configured: Readonly<Record<string, string>>,
  values: Values,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configured).map(([name, text]) => [name, fill(text, values)]),
  )
}

/** The configuration was checked: there is no other placeholder. */
function fill(text: string, values: Values): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as keyof Values] : whole,
  )
}

function namesCommit(text: string): boolean {
  return /\{\{\s*(?:sha|version)\s*\}\}/.test(text)
}

/** A version that somebody configured by hand is believed to name the release. */
function carriesCommit(
  inputs: Readonly<Record<string, string>>,
  configured: Readonly<Record<string, string>>,
  values: Values,
): boolean {
  return Object.entries(inputs).some(
    ([name, text]) => text.includes(values.sha) || namesCommit(configured[name] ?? ''),
  )
}
