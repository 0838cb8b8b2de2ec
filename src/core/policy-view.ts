import type { PlanLine } from './plan-view.ts'
import type { PolicyChange } from './policy-difference.ts'
import type { Environment, GitHubSettings, Project } from './project.ts'
import { leastLevel } from './approval.ts'
import { sanitize } from './text.ts'

/** The part of a policy that is told to somebody who sees it for the first time. */
export type ReadablePolicy = Pick<Project, 'name' | 'environments' | 'approvals' | 'github'>

/** A change in one line. */
export function changeText({ path, from, to }: PolicyChange): string {
  return sanitize(`${path}: ${from ?? '(not there)'} -> ${to ?? '(not there)'}`)
}

/** What changed since the policy was trusted last. Nothing is cut: what is signed was shown. */
export function differenceView(project: string, changes: readonly PolicyChange[]): PlanLine[] {
  return [
    line('title', `Trust the changed policy of ${project}`),
    ...changes.map((change) => line('change', changeText(change))),
  ]
}

/** A policy in human words, what speaks against it first. */
export function policyView(policy: ReadablePolicy, approvers: readonly string[]): PlanLine[] {
  const { name, environments, approvals } = policy
  return [
    line('title', `Trust the policy of ${name}`),
    ...environments.flatMap(weaknesses),
    ...(approvals.mode === 'standard'
      ? [
          line(
            'warning',
            'approvals.mode is standard: static tokens are accepted where they are set',
          ),
        ]
      : []),
    line('fact', environments.map((environment) => environment.name).join(' -> '), 'order'),
    ...environments.map((environment) =>
      line('fact', `${environment.name}: ${summary(environment, policy)}`),
    ),
    ...environments.flatMap(steps),
    line('fact', approvers.join(', ') || 'nobody yet', 'approvers'),
    line('fact', `mode ${approvals.mode}, listed in ${approvals.signers_file}`, 'approvals'),
  ]
}

function weaknesses({ name, checks, approval, verify }: Environment): PlanLine[] {
  const which = (requirement: string) =>
    Object.entries(checks).flatMap(([check, wanted]) => (wanted === requirement ? [check] : []))
  const [off, advisory] = [which('off'), which('advisory')]
  const weak = [
    ...(approval === 'none' ? ['no approval is wanted'] : []),
    ...(off.length > 0 ? [`off: ${off.join(', ')}`] : []),
    ...(advisory.length > 0 ? [`advisory: ${advisory.join(', ')}`] : []),
    ...(verify === 'off' ? ['no smoke tests decide the outcome'] : []),
  ]
  return weak.length === 0 ? [] : [line('warning', `${name}: ${weak.join('; ')}`)]
}

function summary(
  environment: Environment,
  { approvals: { mode }, github }: Pick<ReadablePolicy, 'approvals' | 'github'>,
): string {
  const { checks, approval, verify, local } = environment
  const required = Object.entries(checks).filter(([, wanted]) => wanted === 'required')
  return [
    ...(approval === 'required' ? [approvalWanted(environment, mode)] : []),
    `required: ${required.map(([check]) => check).join(', ') || 'no check'}`,
    ...(verify === 'off' ? [] : [`${verify} smoke tests decide`]),
    ...(local ? [`into ${local.directory}`] : []),
    ...(github ? [onGitHub(environment, github)] : []),
  ].join('; ')
}

function approvalWanted(
  { approvers, least_level }: Environment,
  mode: 'standard' | 'strict',
): string {
  const { count, people, self_approval } = approvers
  const how = count === 1 ? 'an approval' : `approvals of ${count} people`
  const by = people.length === 0 ? '' : ` by ${people.join(', ')}`
  const own = self_approval === 'allowed' ? ', their own requests too' : ''
  return `${how} of ${leastLevel(mode, least_level)} or more${by}${own}`
}

function onGitHub({ github: target }: Environment, settings: GitHubSettings): string {
  const { workflow, repository, api_url } = settings
  const where = repository ?? "the repository of the remote 'origin'"
  return `by ${target.workflow ?? workflow} of ${where} at ${api_url}, as ${target.environment} there`
}

function steps({ name, local }: Environment): PlanLine[] {
  const { prepare = [], activate = [] } = local ?? {}
  const told = (phase: string, list: typeof prepare) =>
    list.map((step) => line('step', `${name} ${step.name}: ${step.run.join(' ')}`, phase))
  return [...told('prepare', prepare), ...told('activate', activate)]
}

function line(kind: PlanLine['kind'], text: string, label: string | null = null): PlanLine {
  return { kind, label, text: sanitize(text).replaceAll('\n', ' ') }
}
