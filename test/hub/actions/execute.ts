import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecuteOptions, JobOutcome } from '../hub.ts'
import { latest, touch } from './engine.ts'
import type { Engine } from './engine.ts'
import { executeStep } from './execute-step.ts'
import { environmentSecrets, executionContexts } from './execution.ts'
import type { Execution } from './execution.ts'
import { killGroup } from './shell.ts'
import type { JobState, RunState, StepState } from './state.ts'
import { beginStep, endStep } from './steps.ts'
import { shape } from './workflow.ts'

/** Runs the steps of a job as GitHub's runner would, as far as they are scripts. */
export async function executeJob(
  engine: Engine,
  run: RunState,
  job: JobState,
  options: ExecuteOptions,
): Promise<JobOutcome> {
  const execution = begin(engine, run, job, options)
  try {
    for (const step of job.steps) {
      if (step.spec !== null) await oneStep(execution, step)
    }
    return ending(execution)
  } finally {
    for (const group of execution.groups) killGroup(group)
    engine.core.revokeToken(execution.token)
    rmSync(execution.directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

function begin(engine: Engine, run: RunState, job: JobState, options: ExecuteOptions): Execution {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-hub-job-'))
  const workspace = join(directory, 'work', engine.core.name, engine.core.name)
  for (const path of [workspace, join(directory, 'temp'), join(directory, 'home')]) {
    mkdirSync(path, { recursive: true })
  }
  // How Node reads a script must not depend on a package.json that happens to lie above.
  writeFileSync(join(directory, 'package.json'), '{}')
  const token = engine.core.issueToken('github-actions[bot]', permissionsOf(job))
  job.executed = true
  for (const step of job.steps.slice(1)) {
    Object.assign(step, { status: 'queued', conclusion: null, startedAt: null, completedAt: null })
  }
  return {
    engine,
    run,
    job,
    replace: options.replace ?? {},
    directory,
    workspace,
    token,
    masks: new Set([token, ...Object.values(environmentSecrets(engine, job))]),
    env: {},
    path: [],
    steps: {},
    failed: false,
    groups: [],
  }
}

async function oneStep(execution: Execution, step: StepState): Promise<void> {
  const { engine, job, run } = execution
  if (job.abort.signal.aborted || step.spec === null) return
  const contexts = executionContexts(execution)
  const status = {
    success: !execution.failed,
    failure: execution.failed,
    cancelled: latest(run).cancelled,
  }
  const now = () => engine.core.clock.now()
  const began = now()
  if (!engine.evaluator.condition(step.spec.if, contexts, status)) {
    execution.steps[step.spec.id] = { outputs: {}, outcome: 'skipped', conclusion: 'skipped' }
    return endStep(step, 'skipped', began, began)
  }
  beginStep(step, began)
  touch(engine, run)
  const { outcome, outputs, log } = await executeStep(execution, step, step.spec)
  const tolerated = engine.evaluator.text(step.spec.continueOnError, contexts) === 'true'
  const conclusion = outcome === 'failure' && tolerated ? 'success' : outcome
  execution.steps[step.spec.id] = { outputs, outcome, conclusion }
  if (conclusion !== 'success') execution.failed = true
  job.logs.push({ step: step.number, text: log })
  endStep(step, conclusion, began, now())
  touch(engine, run)
}

function ending(execution: Execution): JobOutcome {
  const { engine, job } = execution
  if (job.abort.signal.aborted) return { conclusion: 'cancelled' }
  const contexts = executionContexts(execution)
  const url = shape(job.spec.environment).url
  job.environmentUrl = engine.evaluator.text(url, contexts)
  const outputs = Object.entries(job.spec.outputs).map(([name, value]) => {
    return [name, engine.evaluator.text(value, contexts)]
  })
  const failing = job.steps.find((step) => step.conclusion === 'failure')
  return {
    conclusion: execution.failed ? 'failure' : 'success',
    outputs: Object.fromEntries(outputs) as Record<string, string>,
    logs: Object.fromEntries(
      job.logs.map((log) => [job.steps[log.step - 1]?.name ?? '', log.text]),
    ),
    ...(failing === undefined ? {} : { failingStep: failing.name }),
  }
}

/** Without a word about it, the token of a job may read. */
function permissionsOf(job: JobState): 'read' | 'write' {
  const granted = job.spec.permissions ?? job.graph.workflow.permissions
  const writes = granted === 'write-all' || Object.values(shape(granted)).includes('write')
  return writes ? 'write' : 'read'
}
