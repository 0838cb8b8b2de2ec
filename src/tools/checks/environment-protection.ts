import {
  couldNotRun,
  failed,
  passed,
  warned,
  type Check,
  type Requirement,
} from '../../core/check.ts'
import { Failure } from '../../core/failure.ts'
import { productionOf, type Environment, type Project } from '../../core/project.ts'
import { judgeProtection, unprotected, type Protection } from '../../core/protection.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { unseenCheck } from '../support/unseen-check.ts'
import { byPolicy, type CheckRunner, type CheckSubject } from './check-runner.ts'

const name = 'environment_protection'

/** What the platform itself asks before anybody, gonogo or not, deploys to a guarded environment. */
export const environmentProtection: CheckRunner = {
  name,
  requirement: byPolicy(name),
  applies: ({ pipeline, project }, environment) =>
    pipeline?.protection !== undefined && isGuarded(project, environment),
  foresee: ({ environment: { github } }) => ({
    runs: true,
    text: `ask GitHub how the environment ${github.environment} is protected`,
  }),
  async run(subject, call) {
    const requirement = subject.environment.checks[name]
    try {
      return await look(subject, call, requirement)
    } catch (error) {
      return unseenCheck(name, requirement, error)
    }
  },
}

function isGuarded(project: Project, { name: target, approval }: Environment): boolean {
  return approval === 'required' || productionOf(project)?.name === target
}

async function look(subject: CheckSubject, call: Call, requirement: Requirement): Promise<Check> {
  const { environment } = subject
  const target = oneLine(environment.github.environment, 60)
  const protection = (await call.pipeline?.protection?.(environment)) ?? null
  if (protection === null) {
    const message = `the protection of ${target} cannot be seen: give the token actions=read (private repositories need a paid plan for it)`
    return couldNotRun(name, requirement, message)
  }
  if (protection === 'missing') return failed(name, unprotected(target).message)
  const approval = needsApproval(protection) ? await verifiesApproval(subject, call) : false
  const { status, message } = judgeProtection(protection, approval)
  const details = { ...protection, workflow_verifies_approval: approval }
  if (status === 'passed') return passed(name, message, details)
  if (status === 'failed') return failed(name, message, details)
  if (status === 'warning') return warned(name, message, details)
  return { ...couldNotRun(name, requirement, message), details }
}

/** Only without any other decision it matters what the workflow asks for. */
function needsApproval({ reviewers, apps, branches }: Protection): boolean {
  return branches.kind !== 'all' && reviewers.length === 0 && (apps?.length ?? 0) === 0
}

/** Null when it cannot be told. */
async function verifiesApproval(
  { environment, release }: CheckSubject,
  { pipeline, project }: Call,
): Promise<boolean | null> {
  if (!pipeline?.preflight) return null
  const isProduction = productionOf(project)?.name === environment.name
  const action = isProduction ? 'promote' : 'deploy'
  try {
    const report = await pipeline.preflight({ action, environment, release })
    return report.verifies_approval ?? null
  } catch (error) {
    if (error instanceof Failure) return null
    throw error
  }
}
