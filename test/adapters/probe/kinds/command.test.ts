import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommandStep } from '../../../../src/adapters/probe/kinds/command.ts'
import { groupRuns } from '../../../../src/adapters/process/process-table.ts'
import type { CommandStep } from '../../../../src/core/smoke.ts'
import { until } from '../../../support/until.ts'
import { anAttempt } from './step-run.ts'

let directory: string
beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-command-')))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const frame: CommandStep = {
  kind: 'command',
  name: 'program',
  timeout_seconds: 10,
  parallel: false,
  retry: null,
  run: [],
  expect: { exit_code: 0, stdout_contains: [], stdout_json: {} },
  capture: {},
}

async function ask(
  run: string[],
  change: Partial<Omit<CommandStep, 'expect'>> & { expect?: Partial<CommandStep['expect']> } = {},
  options: Parameters<typeof anAttempt>[0] = {},
) {
  const attempt = anAttempt({ directory, ...options })
  const step: CommandStep = {
    ...frame,
    ...change,
    run,
    expect: { exit_code: 0, stdout_contains: [], stdout_json: {}, ...change.expect },
  }
  const outcome = await runCommandStep(step, attempt.run)
  const { ran, problems } = outcome
  const passed = ran && problems.length === 0
  return { ran, passed, message: attempt.told(outcome), captured: attempt.captured }
}

const sh = (script: string) => ['sh', '-c', script]

test('passes with the expected exit code, in the directory of the project', async () => {
  expect(await ask(['true'])).toMatchObject({ passed: true, message: 'exit code 0' })
  expect(await ask(sh('exit 3'), { expect: { exit_code: 3 } })).toMatchObject({ passed: true })
  const where = { expect: { stdout_contains: [directory] } }
  expect(await ask(['pwd'], where)).toMatchObject({ passed: true })
})

test('tells another exit code with what the program said last', async () => {
  const script = 'echo step one; echo "no route to host" >&2; exit 2'
  expect(await ask(sh(script))).toMatchObject({
    ran: true,
    passed: false,
    message: 'exit code 2, expected 0: no route to host',
  })
  expect((await ask(sh('kill -9 $$'))).message).toBe('it was ended by SIGKILL, expected 0')
})

test('judges the output: texts, JSON fields, captures', async () => {
  const json = sh(`echo '{"queue":{"waiting":0},"ready":true}'`)
  const right = {
    expect: { stdout_contains: ['{{word}}'], stdout_json: { 'queue.waiting': 0, ready: true } },
    capture: { waiting: 'queue.waiting' },
  }
  expect(await ask(json, right, { values: { word: 'ready' } })).toMatchObject({
    passed: true,
    captured: { waiting: 0 },
  })
  expect((await ask(json, { expect: { stdout_contains: ['nope'] } })).message).toBe(
    'its output does not have "nope"',
  )
  expect((await ask(json, { expect: { stdout_json: { ready: false } } })).message).toBe(
    'JSON field ready: expected false, got true',
  )
  expect((await ask(['echo', 'hi'], { capture: { id: 'id' } })).message).toBe(
    'its output is not JSON: hi',
  )
})

test('a captured token is a secret from then on', async () => {
  const attempt = anAttempt({ directory })
  const print = sh(`echo '{"token":"tok-12345","id":7}'`)
  const step = { ...frame, run: print, capture: { api_token: 'token', id: 'id' } }
  await runCommandStep(step, attempt.run)
  expect(attempt.captured).toEqual({ api_token: 'tok-12345', id: 7 })
  expect(attempt.run.mask.show('7 tok-12345')).toBe('7 ***')
})

test('arguments are a vector, whatever is inserted', async () => {
  const values = { id: '$(touch hacked); "x"' }
  const { passed } = await ask(
    ['printf', '%s', '{{id}}'],
    { expect: { stdout_contains: ['{{id}}'] } },
    { values },
  )
  expect(passed).toBe(true)
})

test("sees the environment's variables and nothing of gonogo's own, and secrets are masked", async () => {
  const variables = { DATABASE_URL: 'postgres://ada:s3cret@db/x' }
  process.env['GONOGO_PROBE_SECRET'] = 'of-gonogo'
  const { message } = await ask(
    sh('echo "url=$DATABASE_URL own=$GONOGO_PROBE_SECRET"; exit 1'),
    {},
    { variables },
  )
  delete process.env['GONOGO_PROBE_SECRET']
  expect(message).toBe('exit code 1, expected 0: url=*** own=')
})

test('a program that takes too long is ended with all it started', async () => {
  const answer = await ask(sh('sleep 60 & echo $$ > late.pid; sleep 60'), {}, { timeoutMs: 200 })
  expect(answer).toMatchObject({
    ran: true,
    passed: false,
    message: 'it did not end within 200 ms',
  })
  expect(groupRuns(await groupIn('late.pid'))).toBe(false)
})

test('what a program leaves running is ended, too', async () => {
  const { passed } = await ask(sh('echo $$ > left.pid; sleep 60 > /dev/null 2>&1 &'))
  expect(passed).toBe(true)
  const group = await groupIn('left.pid')
  await until('the end of what was left', () => !groupRuns(group))
})

test('an interruption ends it', async () => {
  const stop = new AbortController()
  const asking = ask(sh('echo $$ > stopped.pid; sleep 60'), {}, { signal: stop.signal })
  const group = await until('the start', () => groupIn('stopped.pid').catch(() => null))
  stop.abort()
  expect(await asking).toMatchObject({ ran: false, passed: false, message: 'interrupted' })
  expect(groupRuns(group)).toBe(false)
})

test('a program that is not there could not be run', async () => {
  expect(await ask(['no-such-program'])).toMatchObject({
    ran: false,
    passed: false,
    message: 'cannot start no-such-program: no such program on the PATH',
  })
})

/** The group of a program that wrote its own id; fails until it has. */
async function groupIn(file: string): Promise<number> {
  const text = await readFile(join(directory, file), 'utf8')
  if (!text.endsWith('\n')) throw new Error('not written yet')
  return Number(text)
}
