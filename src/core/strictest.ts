import { checkNames } from './check.ts'
import { strictApprovers, strictPeople, type Side } from './strictest-approvers.ts'
import type { Environment, Project } from './project.ts'

/** A value that is less strict here than where it is protected. */
export interface Lowered {
  /** Such as `checks.tests_passed`. */
  path: string
  here: string | number
  there: string | number
}

/** From what asks least to what asks most. */
const orders = {
  requirement: ['off', 'advisory', 'required'],
  approval: ['none', 'required'],
  level: ['L0', 'L1', 'L2'],
  verify: ['off', 'basic', 'full'],
  mode: ['standard', 'strict'],
  self_approval: ['allowed', 'auto', 'forbidden'],
  count: ['new', 'all'],
  reason: ['optional', 'required'],
} as const

/** Every value that is a matter of more or less, as strict as either of the two has it. */
export function strictest(
  project: Project,
  environment: Environment,
  base: Side,
): { project: Project; environment: Environment; lowered: Lowered[] } {
  const lowered: Lowered[] = []
  const note = <T extends string | number>(path: string, here: T, there: T): T => {
    lowered.push({ path, here, there })
    return there
  }
  const word = <T extends string>(path: string, order: readonly T[], [here, there]: [T, T]): T =>
    order.indexOf(there) > order.indexOf(here) ? note(path, here, there) : here
  const least = (path: string, here: number, there: number): number =>
    there < here ? note(path, here, there) : here
  const approvers = strictApprovers({ project, environment }, base, note)
  return {
    environment: { ...strictEnvironment(environment, base.environment, word), approvers },
    project: strictProject({ project, environment }, base, word, least),
    lowered,
  }
}

type Word = <T extends string>(path: string, order: readonly T[], pair: [T, T]) => T
type Least = (path: string, here: number, there: number) => number

function strictEnvironment(ours: Environment, base: Environment, word: Word): Environment {
  const checks = { ...ours.checks }
  for (const name of checkNames) {
    checks[name] = word(`checks.${name}`, orders.requirement, [
      ours.checks[name],
      base.checks[name],
    ])
  }
  return {
    ...ours,
    checks,
    approval: word('approval', orders.approval, [ours.approval, base.approval]),
    least_level: word('least_level', orders.level, [ours.least_level, base.least_level]),
    verify: word('verify', orders.verify, [ours.verify, base.verify]),
  }
}

function strictProject(here: Side, base: Side, word: Word, least: Least): Project {
  const [ours, other] = [here.project, base.project]
  const { approvals, security } = ours
  const { thresholds } = security
  const [critical, high] = (['critical', 'high'] as const).map((severity) =>
    least(
      `security.thresholds.${severity}`,
      thresholds[severity],
      other.security.thresholds[severity],
    ),
  ) as [number, number]
  return {
    ...ours,
    evidence_hours: least('evidence_hours', ours.evidence_hours, other.evidence_hours),
    approvals: {
      ...approvals,
      people: strictPeople(here, base),
      // Who is named to approve is named one by one.
      groups: {},
      mode: word('approvals.mode', orders.mode, [approvals.mode, other.approvals.mode]),
      break_glass_minutes: least(
        'approvals.break_glass_minutes',
        approvals.break_glass_minutes,
        other.approvals.break_glass_minutes,
      ),
    },
    security: {
      ...security,
      thresholds: { ...thresholds, critical, high },
      count: word('security.count', orders.count, [security.count, other.security.count]),
    },
  }
}
