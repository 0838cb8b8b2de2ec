import type { ApprovalRequest } from './approval.ts'
import type { PinnedImage } from './image.ts'
import type { Plan } from './plan.ts'
import { oneLine } from './text.ts'

/** A line of the approver's screen. */
export interface PlanLine {
  kind: 'title' | 'warning' | 'change' | 'check' | 'step' | 'fact'
  /** What the text is, such as "runs now"; null where the text says it. */
  label: string | null
  text: string
}

const verbs = { deploy: 'Deploy', promote: 'Promote', rollback: 'Roll back' }

/**
 * A plan in human words, what speaks against it first: waived, skipped and off checks, then the
 * difference to what runs, then who asks. Everything shown was sanitised: it may hold text that an
 * assistant or a commit author chose.
 */
export function planView(
  plan: Plan,
  request: Pick<ApprovalRequest, 'requester'> & { expires_at: string | null },
): PlanLine[] {
  const { pipeline, verify } = plan
  return [
    line('title', `${verbs[plan.action]} ${plan.project} in ${plan.environment}`),
    ...plan.skips.map((skip) => line('warning', `waived: ${skip}`)),
    ...plan.warnings.map(warningLine),
    ...(plan.preempts ? [line('warning', `interrupts ${plan.preempts}, which is under way`)] : []),
    line('change', describe(plan.from), 'runs now'),
    line('change', describe(plan.release), 'will run'),
    ...(plan.reason ? [line('fact', plan.reason, 'reason')] : []),
    ...(plan.before
      ? [line('fact', `${plan.before.environment} runs ${describe(plan.before.release)}`, 'before')]
      : []),
    ...passedChecks(plan),
    ...plan.images.map(imageLine),
    ...migrationLines(plan),
    ...pipeline.steps.map(stepLine),
    line(
      'fact',
      `${pipeline.target} (${pipeline.kind}, isolation: ${pipeline.isolation})`,
      'where',
    ),
    line('fact', verify === 'off' ? 'no smoke tests' : `${verify} smoke tests decide`, 'then'),
    line('fact', request.requester, 'asked by'),
    ...(request.expires_at ? [line('fact', request.expires_at, 'valid to')] : []),
  ]
}

/** Whole: the end of it says what to do, and an approver answers for all of it. */
function warningLine(warning: string): PlanLine {
  return { kind: 'warning', label: null, text: oneLine(warning, Number.POSITIVE_INFINITY) }
}

/** Whole, however long: what comes last of a command or of a workflow's inputs is approved, too. */
function stepLine({ phase, name, run }: Plan['pipeline']['steps'][number]): PlanLine {
  const text = oneLine(`${name}: ${run.join(' ')}`, Number.POSITIVE_INFINITY)
  return { kind: 'step', label: phase, text }
}

function passedChecks(plan: Plan): PlanLine[] {
  const names = plan.checks.filter((check) => check.status === 'passed').map((check) => check.name)
  return names.length === 0 ? [] : [line('check', names.join(', '), 'passed')]
}

/** The digest whole: it is what is approved. */
function imageLine({ name, reference, digest }: PinnedImage): PlanLine {
  const text = oneLine(`${name}: ${reference} as ${digest}`, Number.POSITIVE_INFINITY)
  return { kind: 'fact', label: 'image', text }
}

const ways = new Map([
  [true, 'the release that runs now still works afterwards'],
  [false, 'the release that runs now no longer works afterwards: no way back by code alone'],
  [null, 'whether the release that runs now still works afterwards is unknown'],
])

function migrationLines({ migrations }: Plan): PlanLine[] {
  if (migrations === null || migrations.revisions.length === 0) return []
  const { revisions, verdict, code_only_rollback } = migrations
  const told = `${revisions.length} to apply, ${verdict.replace('_', ' ')}; ${ways.get(code_only_rollback)}`
  return [line(verdict === 'safe' ? 'fact' : 'warning', `migrations: ${told}`)]
}

function describe(release: Plan['from']): string {
  return release ? `${release.version} (${release.sha.slice(0, 12)})` : 'nothing known'
}

function line(kind: PlanLine['kind'], text: string, label: string | null = null): PlanLine {
  return { kind, label, text: oneLine(text, 300) }
}
