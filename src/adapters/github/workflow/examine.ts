import type { PreflightFinding, PreflightJob, PreflightReport } from '../../../core/preflight.ts'
import { oneLine } from '../../../core/text.ts'
import type { PreflightRequest } from '../../../ports/preflighter.ts'
import type { Workflow } from './model.ts'
import type { PlannedJob, PlanProblem, WorkflowPlan } from './plan.ts'
import { planWorkflow } from './plan-workflow.ts'
import { readWorkflow } from './read-workflow.ts'
import type { Rule, RuleContext } from './rule.ts'
import { verifiesApproval, verifiesLogins } from './rules/approval.ts'
import { rules } from './rules/index.ts'
import { deployJobs, isNamedTarget, once } from './rules/jobs.ts'
import { syntaxFindings } from './syntax.ts'

/** Parses, plans and judges one workflow. */
export async function examine(request: PreflightRequest): Promise<PreflightReport> {
  const workflow = readWorkflow(request.file, request.text)
  const plan = withNamedTarget(request, await planWorkflow(workflow, planOptions(request)))
  const refused = [
    ...(await syntaxFindings(workflow)),
    ...(await calledSyntax(workflow, plan)),
    ...plan.problems.map((problem) => problemFinding(problem, workflow)),
  ]
  // Of a file that is no YAML there is nothing to judge.
  const judged = workflow.problems.length > 0 ? nothingJudged : judge({ request, workflow, plan })
  const findings = [...refused, ...judged.findings].map(shown)
  return {
    file: request.file,
    event: request.event,
    jobs: plan.jobs.map((job) => jobOf(job, refused.length > 0)),
    findings: findings.toSorted(byPlace),
    deploys: refused.length > 0 ? [] : plan.deploys.map((name) => oneLine(name)),
    unknown: [...plan.unknown, ...judged.unknown].map((line) => oneLine(line, 400)),
    ...(refused.length === 0 && {
      verifies_approval: isBefore({ request, workflow, plan }, verifiesApproval, deployJobs),
      verifies_logins: isBefore({ request, workflow, plan }, verifiesLogins, deployJobsEver),
    }),
  }
}

/** Whoever starts it chooses the inputs: what these skip, others may run. */
function deployJobsEver(context: RuleContext): PlannedJob[] {
  const { plan } = context
  const jobs = plan.jobs.map((job) => ({ ...job, runs: null }))
  // Nobody looked into what a skipped job calls.
  const callers = plan.jobs.filter(({ runs, job }) => runs === false && job.uses !== null)
  return [...deployJobs({ ...context, plan: { ...plan, jobs } }), ...callers]
}

function isBefore(
  context: RuleContext,
  verifies: typeof verifiesApproval,
  jobsOf: typeof deployJobs,
): boolean {
  const jobs = once(jobsOf(context))
  return jobs.length > 0 && jobs.every((job) => verifies(context, job))
}

function planOptions(request: PreflightRequest) {
  const { environment, environments = [] } = request
  const spelling = environments.map(({ name }) => name)
  return {
    trigger: request,
    readFile: (path: string) => request.readFile(path),
    environments: environment === null ? spelling : [environment, ...spelling],
  }
}

/** The job that is said to deploy reaches the environment, although it names none. */
function withNamedTarget(request: PreflightRequest, plan: WorkflowPlan): WorkflowPlan {
  const { environment } = request
  const named = plan.jobs.filter((job) => isNamedTarget(request, job) && !job.callsElsewhere)
  const open = named.find(({ runs }) => runs === null)
  const unknown = open ? [...plan.unknown, `whether ${open.id} runs: ${open.reason}`] : plan.unknown
  const reaches = environment !== null && named.some(({ runs }) => runs === true)
  const deploys = reaches ? [...new Set([...plan.deploys, environment])] : plan.deploys
  return { ...plan, deploys, unknown }
}

/** Errors in the local workflows it calls. */
async function calledSyntax(
  workflow: Workflow,
  { jobs }: WorkflowPlan,
): Promise<PreflightFinding[]> {
  const called = new Map(jobs.map((job) => [job.workflow.file, job.workflow]))
  called.delete(workflow.file)
  const findings: PreflightFinding[] = []
  for (const { file, source } of called.values()) {
    const own = await syntaxFindings(readWorkflow(file, source))
    findings.push(
      ...own.map((finding) => ({ ...finding, message: `in ${file}: ${finding.message}` })),
    )
  }
  return findings
}

function problemFinding(
  { file, line, column, message, fix }: PlanProblem,
  workflow: Workflow,
): PreflightFinding {
  const where = file === workflow.file ? '' : `in ${file}: `
  return {
    rule: 'workflow-call',
    severity: 'error',
    line,
    column,
    message: `${where}GitHub refuses this workflow: ${message}`,
    fix,
  }
}

interface Judgement {
  findings: PreflightFinding[]
  unknown: string[]
}

const nothingJudged: Judgement = { findings: [], unknown: [] }

function judge(context: RuleContext): Judgement {
  return rules
    .map((rule) => outcomeOf(rule, context))
    .reduce(
      (all, one) => ({
        findings: [...all.findings, ...one.findings],
        unknown: [...all.unknown, ...one.unknown],
      }),
      nothingJudged,
    )
}

/** A rule that stumbles over a file has not passed it. */
function outcomeOf(rule: Rule, context: RuleContext): Judgement {
  try {
    return { findings: rule.check(context), unknown: [] }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { findings: [], unknown: [`the rule ${rule.name} could not be applied: ${message}`] }
  }
}

function jobOf(job: PlannedJob, refused: boolean): PreflightJob {
  const { id, name, runs, reason, environment } = job
  return {
    id: oneLine(id),
    ...(name !== id && { name: oneLine(name) }),
    runs: refused ? false : runs,
    reason: refused ? 'GitHub refuses this workflow' : oneLine(reason, 300),
    environment: environment === null ? null : oneLine(environment),
  }
}

function shown(finding: PreflightFinding): PreflightFinding {
  return { ...finding, message: oneLine(finding.message, 600), fix: oneLine(finding.fix, 600) }
}

function byPlace(left: PreflightFinding, right: PreflightFinding): number {
  return (
    left.line - right.line ||
    left.column - right.column ||
    left.rule.localeCompare(right.rule, 'en')
  )
}
