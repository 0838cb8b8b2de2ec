import { saysIll } from '../../../core/health-words.ts'
import { readPath } from '../../../core/json-path.ts'
import type { WorkerSource, WorkerStep } from '../../../core/smoke.ts'
import { parseBody } from '../expectations.ts'
import { buildRequest } from '../http-request.ts'
import { send } from '../send.ts'
import { type StepOutcome } from '../step-outcome.ts'
import { fillStatement, fillText } from '../template.ts'
import { wrong } from './attempt.ts'
import { placeOf, type HttpRun } from './http.ts'
import { inTransaction } from './postgres-session.ts'
import { withRedis } from './redis-session.ts'

/** Asks about a worker whoever knows. A worker nobody can tell about is unknown: never healthy. */
export async function runWorkerStep(step: WorkerStep, run: HttpRun): Promise<StepOutcome> {
  const { source } = step
  switch (source.from) {
    case 'endpoint':
      return await askEndpoint(step, source, run)
    case 'postgres':
      return await askPostgres(step, source, run)
    case 'redis':
      return await askRedis(step, source, run)
  }
}

type From<F extends WorkerSource['from']> = Extract<WorkerSource, { from: F }>

function unknown(problem: string): StepOutcome {
  return { ran: false, unknown: true, problems: [`unknown: ${problem}`], found: '' }
}

/** What kept the question from being asked, or from being answered, says nothing about the worker. */
function asUnknown({ problems, ...rest }: StepOutcome): StepOutcome {
  return { ...rest, ...unknown(problems.join('; ')) }
}

async function askEndpoint(
  step: WorkerStep,
  { path, headers, workers, last_seen }: From<'endpoint'>,
  run: HttpRun,
): Promise<StepOutcome> {
  const asked = { method: 'GET', path, url: null, headers, body: undefined } as const
  const request = buildRequest(asked, run.baseUrl, run.values, run.mask)
  if ('problem' in request) return unknown(request.problem)
  const refusal = run.hosts.refusal(...placeOf(request))
  if (refusal !== null) return unknown(refusal)
  const { answer } = await send(request, false, run.limits, run)
  if (!answer.reached) return unknown(answer.problem)
  const { status } = answer
  if (status !== 200) return { ...unknown(`the endpoint answered ${status}`), status }
  const parsed = parseBody(answer, (text) => run.mask.show(text))
  if (parsed.problem !== null) return { ...unknown(parsed.problem()), status }
  const { json } = parsed
  const ill = saysIll(json)
  if (ill !== null) return { ...unknown(`the endpoint says of itself: status "${ill}"`), status }
  // The clock of whoever wrote the times down, where the answer shows it.
  const now = Date.parse(answer.headers.date ?? '') || Date.now()
  if (workers !== null)
    return { ...judgeList(step, readPath(json, workers), last_seen, now), status }
  return { ...judgeTime(step, readPath(json, last_seen ?? ''), now), status }
}

function judgeList(
  step: WorkerStep,
  list: unknown,
  lastSeen: string | null,
  now: number,
): StepOutcome {
  if (list === null || typeof list !== 'object') {
    return unknown('the answer has no list of workers where it should be')
  }
  const there = Object.values(list).filter(isThere)
  const alive = there.filter((worker) => {
    if (lastSeen === null) return true
    return isRight(judgeTime(step, readPath(worker, lastSeen), now))
  })
  const told = `${alive.length} of at least ${step.at_least} worker(s)`
  if (alive.length >= step.at_least) return { ran: true, problems: [], found: told }
  const silent = there.length - alive.length
  const more = silent === 0 ? '' : `; ${silent} more not seen for over ${step.max_age_seconds} s`
  return wrong(`${told} are there${more}`)
}

/** Some lists have those that are gone, too, and say so. */
function isThere(worker: unknown): boolean {
  const isNothing = worker === null || worker === false || worker === 0 || worker === ''
  return !isNothing && saysIll(worker) === null
}

function isRight({ ran, problems }: StepOutcome): boolean {
  return ran && problems.length === 0
}

async function askPostgres(
  step: WorkerStep,
  { url, query }: From<'postgres'>,
  run: HttpRun,
): Promise<StepOutcome> {
  let age: unknown
  const outcome = await inTransaction(url, run, {
    prepare: null,
    ask: async (ask) => {
      const { statement, parameters } = fillStatement(query, run.values)
      const [row = {}] = await ask(statement, parameters)
      age = Object.values(row)[0]
      return { ran: true, problems: [], found: '' }
    },
  })
  if (!isRight(outcome)) return asUnknown(outcome)
  if (age === undefined || age === null) return wrong('there never was a sign of life')
  // Not every value that can be made a number is one: false would be an age of 0.
  const isAge =
    typeof age === 'number' || (typeof age === 'string' && /^-?\d+(?:\.\d+)?$/.test(age))
  if (!isAge) return unknown('the query did not answer with an age in seconds')
  return judgeAge(step, Number(age))
}

async function askRedis(
  step: WorkerStep,
  { url, key }: From<'redis'>,
  run: HttpRun,
): Promise<StepOutcome> {
  let value: unknown
  let now = Number.NaN
  const outcome = await withRedis(url, run, async (tell) => {
    value = await tell('GET', fillText(key, run.values))
    const [seconds] = (await tell('TIME')) as [string]
    now = Number(seconds) * 1000
    return { ran: true, problems: [], found: '' }
  })
  if (!isRight(outcome)) return asUnknown(outcome)
  if (value === null) return wrong(`there is no key ${key}: no sign of life, or it has run out`)
  if (step.max_age_seconds === null) return { ran: true, problems: [], found: 'there' }
  return judgeTime(step, value, now)
}

function judgeTime(step: WorkerStep, value: unknown, now: number): StepOutcome {
  if (value === undefined) return unknown('the answer does not say when it was last there')
  if (value === null) return wrong('there never was a sign of life')
  if (isWithoutZone(value)) {
    return unknown(
      'its last sign of life has no time zone: write it in seconds since 1970 or with Z',
    )
  }
  const time = timeOf(value)
  if (time === null) return unknown('what says when it was last there is no time')
  return judgeAge(step, (now - time) / 1000)
}

function judgeAge({ max_age_seconds: most }: WorkerStep, age: number): StepOutcome {
  // Clocks differ, but not by more than what counts as alive.
  if (most !== null && age < -most) return unknown('its last sign of life lies in the future')
  if (most !== null && age > most) {
    return wrong(`last sign of life ${Math.round(age)} s ago, more than ${most} s`)
  }
  return { ran: true, problems: [], found: 'alive' }
}

/** Such a time would be another one on each machine that reads it. */
function isWithoutZone(value: unknown): boolean {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return false
  return !/^\d+(?:\.\d+)?$|(?:[a-z]|[+-]\d\d:?\d\d|\))$/i.test(value.trim())
}

/** Seconds or milliseconds since 1970, or a date as text. */
function timeOf(value: unknown): number | null {
  const isNumber = typeof value === 'number' || /^\d+(?:\.\d+)?$/.test(String(value))
  if (isNumber) return Number(value) < 1e11 ? Number(value) * 1000 : Number(value)
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : time
}
