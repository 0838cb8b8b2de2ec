import { couldNotRun, type Check } from '../../core/check.ts'
import type { CustomCheck } from '../../core/custom-check.ts'
import { toFailure } from '../../core/failure.ts'
import { oneLine, tailLines } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { RunResult } from '../../ports/process.ts'
import type { CheckRunner, CheckSubject } from './check-runner.ts'
import { mostAnswerBytes, noAnswer, readAnswer, tooLong } from './custom-answer.ts'

/** The checks of the project's own. What they look at may change at any time, so nothing of them is kept. */
export function customRunners({ project }: Pick<Call, 'project'>): CheckRunner[] {
  return project.custom_checks.map((definition) => ({
    name: definition.name,
    requirement: () => definition.requirement,
    applies: (_, { name }) =>
      definition.environments.length === 0 || definition.environments.includes(name),
    foresee: () => ({ runs: true, text: foreseen(definition) }),
    run: (subject, call, signal) => answered(definition, subject, call, signal),
  }))
}

function foreseen({ run, url }: CustomCheck): string {
  return oneLine(run ? `run ${run.join(' ')}` : `send a POST to ${placeOf(url ?? '')}`)
}

async function answered(
  definition: CustomCheck,
  subject: CheckSubject,
  call: Call,
  signal: AbortSignal,
): Promise<Check> {
  const { name, requirement, run, url } = definition
  try {
    if (run) return await runProgram({ ...definition, run }, subject, call, signal)
    return await askEndpoint({ ...definition, url: url ?? '' }, subject, call, signal)
  } catch (error) {
    const stopped = 'it was stopped before it answered: raise validation.timeout_seconds'
    if (signal.aborted) return couldNotRun(name, requirement, stopped)
    const { message } = toFailure(error)
    const fix = `correct custom_checks.${name} in gonogo.yaml`
    return couldNotRun(name, requirement, oneLine(`${message}: ${fix}`, 300))
  }
}

async function runProgram(
  definition: CustomCheck & { run: string[] },
  subject: CheckSubject,
  call: Call,
  signal: AbortSignal,
): Promise<Check> {
  const result = await call.processes.run(definition.run, {
    cwd: homeOf(call),
    variables: variablesOf(definition, subject, call),
    timeoutMs: definition.timeout_seconds * 1000,
    maxBytes: mostAnswerBytes,
    signal,
  })
  const check = judged(definition, result)
  // What it complained about is for people; it may change with every run, so it is no part of the message.
  const output = check.ran ? [] : tailLines(new TextDecoder().decode(result.stderr), 20, 2000)
  return output.length === 0 ? check : { ...check, details: { ...check.details, output } }
}

function judged(definition: CustomCheck, result: RunResult): Check {
  const { name } = definition
  const { exitCode, signal, stdout, timedOut } = result
  if (timedOut) return late(definition)
  if (stdout.length >= mostAnswerBytes) return tooLong(definition)
  const how = exitCode === null ? `it was ended by ${signal}` : `it exited with ${exitCode}`
  const check = readAnswer(name, new TextDecoder().decode(stdout))
  if (check === null) return noAnswer(definition, how)
  if (check.status !== 'passed' || exitCode === 0) return check
  return noAnswer(definition, `it said passed, but ${how}`)
}

async function askEndpoint(
  definition: CustomCheck & { url: string },
  subject: CheckSubject,
  call: Call,
  signal: AbortSignal,
): Promise<Check> {
  const { name, requirement, url } = definition
  const where = placeOf(url)
  const timeoutMs = definition.timeout_seconds * 1000
  const json = factsOf(definition, subject, call)
  const answer = await call.probe.ask(url, { json, timeoutMs, signal })
  signal.throwIfAborted()
  if (!answer.reached) {
    const message = `${where} did not answer (${oneLine(answer.problem, 120)}): check that it runs, or correct custom_checks.${name}.url`
    return couldNotRun(name, requirement, message)
  }
  if (answer.status !== 200)
    return noAnswer(definition, `${where} answered ${answer.status}, not 200`)
  if (Buffer.byteLength(answer.body) > mostAnswerBytes) return tooLong(definition)
  return readAnswer(name, answer.body) ?? noAnswer(definition, `${where} answered something else`)
}

function late({ name, requirement, timeout_seconds }: CustomCheck): Check {
  const message = `it did not end within ${timeout_seconds} s: make it faster, or raise custom_checks.${name}.timeout_seconds`
  return couldNotRun(name, requirement, message)
}

/** Without the query, where people put tokens. */
function placeOf(url: string): string {
  return url.replace(/[?#].*$/, '')
}

/** Where the file is that names the program: paths in it mean that place. */
function homeOf({ project }: Call): string {
  const { config_file, repository } = project
  return config_file === null ? repository : config_file.replace(/[/\\][^/\\]*$/, '') || '/'
}

/** What a check is asked about. */
function factsOf({ name }: CustomCheck, subject: CheckSubject, call: Call) {
  const { environment, release, now } = subject
  return {
    name,
    project: call.project.name,
    environment: environment.name,
    sha: release.sha,
    version: release.version,
    git_ref: release.git_ref,
    from_sha: now.release?.sha ?? null,
    from_version: now.release?.version ?? null,
  }
}

function variablesOf(
  definition: CustomCheck,
  subject: CheckSubject,
  call: Call,
): Record<string, string> {
  const facts = Object.entries(factsOf(definition, subject, call))
  return Object.fromEntries(
    facts.map(([key, value]) => [`GONOGO_CHECK_${key.toUpperCase()}`, value ?? '']),
  )
}
