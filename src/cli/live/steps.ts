import type { Check } from '../../core/check.ts'
import type { Deployment } from '../../core/deployment.ts'
import type { Plan, PlannedStep } from '../../core/plan.ts'
import type { Project } from '../../core/project.ts'
import { findEnvironment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Run } from '../../ports/pipeline.ts'
import { inCliWords } from '../words.ts'
import type { StepView } from './view.ts'

/** What is known about a deployment's way through its plan. */
export interface Course {
  row: Deployment
  plan: Plan
  run: Pick<Run, 'step' | 'switched'> | null
  /** What the verification has recorded. */
  checks: readonly Pick<Check, 'check_name' | 'status' | 'message'>[]
  /** How far the run was seen before: between two steps it names none. */
  reached: number
}

/** The planned steps, then what the live system is asked, each with how far it got. */
export function stepsOf(course: Course, project: Project): StepView[] {
  return [...planned(course), ...verification(course, project)]
}

/** The index of the step that runs, or that stopped the run; the last one that was seen where none is named. */
export function reachedStep({ plan, run, reached }: Omit<Course, 'row' | 'checks'>): number {
  const { steps } = plan.pipeline
  if (!run?.step) return reached
  const phase = run.switched ? 'activate' : 'prepare'
  const isIt = ({ name }: PlannedStep) => name === run.step || run.step?.startsWith(`${name} / `)
  const exact = steps.findIndex((step) => isIt(step) && step.phase === phase)
  const found = exact >= 0 ? exact : steps.findIndex(isIt)
  return Math.max(reached, found)
}

function planned(course: Course): StepView[] {
  const { row, plan, run } = course
  const at = reachedStep(course)
  const passed = runSucceeded(row)
  return plan.pipeline.steps.map(({ phase, name }, index) => {
    const state = passed || index < at ? 'done' : index > at ? waiting(row) : stateAt(row, run)
    return { label: phase, name, state, text: '' }
  })
}

/** The run is behind a deployment that is verified, or whose verification decided. */
function runSucceeded({ phase, status, fault }: Deployment): boolean {
  return phase === 'verifying' || status === 'success' || fault?.phase === 'verifying'
}

function waiting({ phase }: Deployment): StepView['state'] {
  return phase === 'closing' || phase === 'ended' ? 'left_out' : 'to_come'
}

function stateAt({ phase, fault }: Deployment, run: Course['run']): StepView['state'] {
  if (phase === 'running') return run?.step ? 'now' : 'done'
  return fault?.step ? 'failed' : 'left_out'
}

const verdicts: Record<string, StepView['state']> = { passed: 'done', failed: 'failed' }

function verification({ row, plan, checks }: Course, project: Project): StepView[] {
  const environment = findEnvironment(project, row.environment)
  const asked = [
    ...(environment?.version ? ['live_version'] : []),
    ...(Object.keys(environment?.health ?? {}).length > 0 ? ['health'] : []),
    ...(plan.verify === 'off' ? [] : ['smoke_tests']),
  ]
  return asked.map((name) => {
    const check = checks.find(({ check_name }) => check_name === name)
    // Which of them is asked right now is not recorded, so all of them are under way.
    const open = row.phase === 'verifying' ? 'now' : waiting(row)
    const text = check ? inCliWords(oneLine(check.message, 100)) : whatFor(name, plan)
    const state = check ? (verdicts[check.status] ?? 'left_out') : open
    return { label: 'verify', name: name.replaceAll('_', ' '), state, text }
  })
}

function whatFor(name: string, plan: Plan): string {
  return name === 'smoke_tests' ? `the ${plan.verify} suite decides` : ''
}
