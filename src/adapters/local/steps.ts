import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { Step } from '../../core/project.ts'
import type { Processes, RunResult } from '../../ports/process.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { LogFile } from './log-file.ts'
import type { LocalRequest, ProcessMark } from './run-directory.ts'

/** What every step of a run shares. */
export interface StepContext {
  processes: Processes
  environment: Record<string, string>
  /** The release's directory. */
  directory: string
  log: LogFile
  runtime: Pick<Runtime, 'reached'>
  /** The deployment's id. */
  deployment: string
  signal: AbortSignal
  /** Records which process runs the step, so that it can be ended should the runner die. */
  record: (process: ProcessMark | null) => Promise<void>
}

/** Runs one step to its end. Fails with `deployment_failed` unless it exits with 0 in time. */
export async function runStep(step: Step, context: StepContext): Promise<void> {
  const { processes, log, signal } = context
  let recorded: Promise<void> = Promise.resolve()
  try {
    const result = await processes.run(step.run, {
      cwd: join(context.directory, step.directory),
      env: { ...context.environment, ...stepVariables(context.deployment, step.name) },
      timeoutMs: step.timeout_seconds * 1000,
      maxBytes: 0,
      signal,
      onStart: (pid) => {
        context.runtime.reached('runner.step-started')
        recorded = recordStart(pid, context)
        recorded.catch(() => {})
      },
      onOutput: (chunk, stream) => log.output(chunk, stream),
    })
    requireSuccess(step, result)
  } finally {
    log.flush()
    await recorded
    await context.record(null)
  }
}

/** What a step sees: the allow-list, the environment's variables, and which deployment it is part of. */
export function stepEnvironment(
  base: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
  request: LocalRequest,
): Record<string, string> {
  return {
    ...base,
    ...variables,
    GONOGO_COMMIT: request.release.sha,
    GONOGO_VERSION: request.release.version,
    GONOGO_ENVIRONMENT: request.environment.name,
  }
}

/** What a step is found by when nobody knows its pid. */
export function stepVariables(deployment: string, step: string): Record<string, string> {
  return { GONOGO_DEPLOYMENT_ID: deployment, GONOGO_STEP: step }
}

async function recordStart(pid: number, context: StepContext): Promise<void> {
  const startTime = await context.processes.startTime(pid)
  if (startTime !== null) await context.record({ pid, start_time: startTime })
}

function requireSuccess(step: Step, result: RunResult): void {
  if (result.exitCode === 0) return
  throw new Failure({
    code: 'deployment_failed',
    message: `step ${step.name} ${howItEnded(step, result)}`,
    hint: 'read the log of the run',
  })
}

function howItEnded(step: Step, result: RunResult): string {
  if (result.timedOut) return `took longer than its ${step.timeout_seconds} s and was ended`
  if (result.signal !== null) return `was ended by ${result.signal}`
  return `exited with code ${result.exitCode}`
}
