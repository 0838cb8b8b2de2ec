import { consentRule } from '../../core/approver-policy.ts'
import { callProblem } from '../../core/caller.ts'
import { findEnvironment, type Environment, type Project } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import type { CallerToken } from '../../ports/store.ts'
import type { Tool } from '../define-tool.ts'

/** What one tool may do in one environment, on behalf of this caller. */
export interface Permission {
  tool: string
  /** Null where a call is about no environment, or where there is none. */
  environment: string | null
  allowed: boolean
  why: string
  /** Whose consent a change wants; null where none is. */
  approval: ApprovalWanted | null
}

export interface ApprovalWanted {
  count: number
  /** People and groups whose word counts; empty: every approver's. */
  people: readonly string[]
  level: string
  reason: 'required' | 'optional'
}

/** Every tool in every environment it can be called for. */
export function permissionsOf(
  call: Pick<Call, 'project' | 'pipeline' | 'readOnly'>,
  tools: readonly Tool[],
  token: CallerToken | null,
): Permission[] {
  return tools.flatMap((tool) =>
    environmentsOf(tool, call.project).map((environment) => {
      const problem = obstacle(call, tool, token, environment)
      const why = problem ?? (token ? `the role ${token.role}` : 'no token limits this caller')
      const approval = changes(tool) ? approvalFor(call.project, environment) : null
      return { tool: tool.name, environment, allowed: problem === null, why, approval }
    }),
  )
}

function environmentsOf(tool: Tool, project: Project): (string | null)[] {
  const names = project.environments.map(({ name }) => name)
  return 'environment' in tool.input.shape && tool.effect !== 'read'
    ? names
    : [tool.environment({}, project)]
}

function changes({ effect }: Tool): boolean {
  return effect === 'write' || effect === 'destructive'
}

function obstacle(
  { pipeline, readOnly }: Pick<Call, 'pipeline' | 'readOnly'>,
  tool: Tool,
  token: CallerToken | null,
  environment: string | null,
): string | null {
  const problem = token && callProblem(token, tool, environment)
  if (problem !== null || !changes(tool)) return problem
  if (readOnly) return 'this gonogo runs with --read-only'
  if (pipeline === null) return 'no pipeline is configured'
  return environment === null ? 'the project has no environment for it' : null
}

function approvalFor(project: Project, name: string | null): ApprovalWanted | null {
  const environment = name === null ? undefined : findEnvironment(project, name)
  return environment?.approval === 'required' ? wanted(project, environment) : null
}

function wanted({ approvals }: Project, environment: Environment): ApprovalWanted {
  const { count, names, least, reason } = consentRule(approvals, environment, 'standard')
  return { count, people: names, level: least, reason }
}
