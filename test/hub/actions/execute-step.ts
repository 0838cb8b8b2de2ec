import { mkdtempSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Contexts } from './expressions.ts'
import { checkOut } from './checkout.ts'
import { executionContexts, textsOf } from './execution.ts'
import type { Execution } from './execution.ts'
import { mask, readLines, readOutput, readPairs } from './runner-files.ts'
import { runCommand, scriptEnding, shellCommand } from './shell.ts'
import type { Result, StepState } from './state.ts'
import { shape } from './workflow.ts'
import type { StepSpec } from './workflow.ts'

interface Done {
  outcome: Result
  outputs: Record<string, string>
  log: string
}

/** Files a step talks to the runner with. */
const files = ['output', 'env', 'path', 'summary', 'state'] as const
type RunnerFile = (typeof files)[number]

export async function executeStep(
  execution: Execution,
  step: StepState,
  spec: StepSpec,
): Promise<Done> {
  const temp = mkdtempSync(join(execution.directory, 'temp', 'step-'))
  const paths = Object.fromEntries(files.map((name) => [name, join(temp, name)])) as Paths
  for (const path of Object.values(paths)) writeFileSync(path, '')
  try {
    const ended = await perform(execution, step, spec, { temp, paths })
    const outputs = { ...ended.outputs, ...readPairs(paths.output) }
    Object.assign(execution.env, readPairs(paths.env))
    execution.path.unshift(...readLines(paths.path).toReversed())
    const outcome = ended.exitCode === 0 ? 'success' : 'failure'
    return { outcome, outputs, log: finished(execution, ended.log, ended.exitCode) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { outcome: 'failure', outputs: {}, log: mask(`##[error]${message}`, execution.masks) }
  }
}

type Paths = Record<RunnerFile, string>

interface Place {
  temp: string
  paths: Paths
}

interface Performed {
  exitCode: number
  log: string
  outputs?: Record<string, string>
}

async function perform(
  execution: Execution,
  step: StepState,
  spec: StepSpec,
  place: Place,
): Promise<Performed> {
  const { engine } = execution
  const base = executionContexts(execution)
  const own = textsOf(engine, spec.env, base)
  const contexts = { ...base, env: { ...shape(base['env']), ...own } }
  const env = environmentOf(execution, contexts, place)
  const replacement = execution.replace[step.name]
  if (replacement !== undefined) {
    const { exitCode, log } = await replacement(env)
    return {
      exitCode,
      log: `##[group]${step.name}\n##[endgroup]\n${readOutput(log, execution.masks)}`,
    }
  }
  if (spec.run !== null) return runScript(execution, spec, { ...place, contexts, env })
  const settings = textsOf(engine, spec.with, contexts)
  const head = `##[group]Run ${spec.uses}\n##[endgroup]`
  if (!/^actions\/checkout@/i.test(spec.uses ?? '')) {
    return { exitCode: 0, log: `${head}\nstand-in: not executed` }
  }
  const done = await checkOut(execution, settings)
  return { ...done, log: `${head}\n${done.log}` }
}

async function runScript(
  execution: Execution,
  spec: StepSpec,
  { temp, contexts, env }: Place & { contexts: Contexts; env: Record<string, string> },
): Promise<Performed> {
  const { engine, job } = execution
  const evaluate = (value: unknown) => engine.evaluator.text(value, contexts)
  const given = { shell: spec.shell, 'working-directory': spec.workingDirectory }
  const setting = (name: keyof typeof given) => {
    const levels = [shape(job.graph.workflow.defaults.run), shape(job.spec.defaults.run), given]
    return evaluate(levels.findLast((level) => level[name] !== undefined)?.[name])
  }
  const shell = setting('shell') || null
  const script = join(temp, `script${scriptEnding(shell)}`)
  const text = evaluate(spec.run)
  writeFileSync(script, text)
  const argv = shellCommand(shell, script)
  const ended = await runCommand({
    argv,
    cwd: resolve(execution.workspace, setting('working-directory')),
    env,
    output: join(temp, 'log'),
    signal: signalFor(execution, spec),
  })
  execution.groups.push(ended.group)
  const [firstLine] = text.trim().split('\n')
  const shown = argv.map((part) => (part === script ? '{0}' : part)).join(' ')
  const head = `##[group]Run ${firstLine}\n${text.trimEnd()}\nshell: ${shown}\n##[endgroup]`
  const output = readOutput(ended.log, execution.masks)
  return { exitCode: ended.exitCode, log: output === '' ? head : `${head}\n${output}` }
}

/** Ends the step when the job ends, or when its own time is over. */
function signalFor({ engine, job }: Execution, spec: StepSpec): AbortSignal {
  if (spec.timeoutMinutes === undefined) return job.abort.signal
  const late = new AbortController()
  const { clock } = engine.core
  clock.at(clock.now() + Number(spec.timeoutMinutes) * 60_000, () => late.abort())
  return AbortSignal.any([job.abort.signal, late.signal])
}

function finished(execution: Execution, log: string, exitCode: number): string {
  const error = exitCode === 0 ? '' : `\n##[error]Process completed with exit code ${exitCode}.`
  return mask(log + error, execution.masks)
}

/** What GitHub's runner sets, and of the machine only where programs are. */
function environmentOf(
  execution: Execution,
  contexts: Contexts,
  { paths }: Place,
): Record<string, string> {
  const { directory, job, workspace } = execution
  const github = shape(contexts['github'])
  const named = ['actor', 'api_url', 'event_name', 'ref', 'ref_name', 'ref_type', 'repository']
  const more = ['repository_owner', 'run_attempt', 'run_id', 'run_number', 'server_url', 'sha']
  const last = ['triggering_actor', 'workflow', 'workflow_ref', 'workflow_sha']
  const variables = [...named, ...more, ...last].map((name) => {
    return [`GITHUB_${name.toUpperCase()}`, String(github[name])] as const
  })
  const event = join(directory, 'temp', 'event.json')
  writeFileSync(event, JSON.stringify(github['event']))
  return {
    CI: 'true',
    HOME: join(directory, 'home'),
    LANG: 'C.UTF-8',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_PATH: event,
    GITHUB_JOB: job.spec.id,
    GITHUB_WORKSPACE: workspace,
    ...Object.fromEntries(variables),
    GITHUB_OUTPUT: paths.output,
    GITHUB_ENV: paths.env,
    GITHUB_PATH: paths.path,
    GITHUB_STEP_SUMMARY: paths.summary,
    GITHUB_STATE: paths.state,
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_TEMP: join(directory, 'temp'),
    ...(shape(contexts['env']) as Record<string, string>),
    PATH: [...execution.path, process.env['PATH'] ?? ''].join(':'),
  }
}
