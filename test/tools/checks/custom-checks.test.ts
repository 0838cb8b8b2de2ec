import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import type { CustomCheck } from '../../../src/core/custom-check.ts'
import { customRunners } from '../../../src/tools/checks/custom-checks.ts'
import type { CheckSubject } from '../../../src/tools/checks/check-runner.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { subjectFor } from './subject.ts'

const definition: CustomCheck = {
  name: 'licences',
  run: null,
  url: null,
  timeout_seconds: 20,
  environments: [],
  requirement: 'required',
}

/** Runs it in a directory whose `ops/` holds gonogo.yaml. */
async function run(
  changes: Partial<CustomCheck>,
  { subject = {}, signal }: { subject?: Partial<CheckSubject>; signal?: AbortSignal } = {},
) {
  const world = makeWorld()
  const ops = join(world.directory, 'ops')
  await mkdir(ops)
  const project = fakeProject({
    config_file: join(ops, 'gonogo.yaml'),
    custom_checks: [{ ...definition, ...changes }],
  })
  const call = { ...world.call, project, probe: createProbe({ now: () => 0 }) }
  const [runner] = customRunners(call)
  const about = subjectFor(call, 'staging', subject)
  return await runner!.run(about, call, signal ?? call.signal)
}

/** A script of the shell, which starts faster than anything else. */
const program = (text: string, ...args: string[]) => ({ run: ['sh', '-c', text, 'sh', ...args] })
const says = (answer: unknown, then = '') =>
  program(`printf %s "$1"; ${then}`, JSON.stringify(answer))

const wanted =
  'it has to answer {"status": "passed|failed|warning|skipped", "message": "..."} as JSON'

describe('a program', () => {
  test.each([
    ['passed', 'passed', true],
    ['failed', 'failed', true],
    ['warning', 'warning', true],
    ['skipped', 'skipped', false],
  ])('that says %s is taken at its word', async (status, becomes, ran) => {
    const message = 'two packages are under the GPL: replace them'
    const details = { packages: ['left-pad', 'x\u001b[31my'], count: 2 }
    expect(await run(says({ status, message, details }))).toMatchObject({
      check_name: 'licences',
      status: becomes,
      ran,
      message,
      details: { packages: ['left-pad', 'xy'], count: 2 },
    })
  })

  test('may exit with an error when it says failed, as programs do', async () => {
    const answer = { status: 'failed', message: 'no' }
    expect(await run(says(answer, 'exit 3'))).toMatchObject({
      status: 'failed',
      ran: true,
      message: 'no',
    })
  })

  test('hears what it is about, and none of the secrets', async () => {
    process.env['GONOGO_TEST_TOKEN'] = 'hush'
    onTestFinished(() => {
      delete process.env['GONOGO_TEST_TOKEN']
    })
    const seen = `{ status: 'passed', message: process.cwd(), details: process.env }`
    const text = `console.log(JSON.stringify(${seen}))`
    const { message, details } = await run({ run: [process.execPath, '-e', text] })
    expect(message).toMatch(/\/ops$/)
    const own = Object.entries(details).filter(([name]) => name.startsWith('GONOGO'))
    expect(Object.fromEntries(own)).toEqual({
      GONOGO_CHECK_NAME: 'licences',
      GONOGO_CHECK_PROJECT: 'clinic',
      GONOGO_CHECK_ENVIRONMENT: 'staging',
      GONOGO_CHECK_SHA: '2'.repeat(40),
      GONOGO_CHECK_VERSION: 'v2',
      GONOGO_CHECK_GIT_REF: 'v2',
      GONOGO_CHECK_FROM_SHA: '1'.repeat(40),
      GONOGO_CHECK_FROM_VERSION: 'v1',
    })
    expect(JSON.stringify(details)).not.toContain('hush')
  })

  test('keeps its message to one line that cannot pretend to be another', async () => {
    const { message } = await run(
      says({ status: 'failed', message: `no\n\u202etests_passed: passed\n${'x'.repeat(999)}` }),
    )
    expect(message).toMatch(/^no tests_passed: passed x+…$/)
    expect(message).toHaveLength(300)
  })

  test.each([
    ['prints no JSON', program('echo all well'), `it exited with 0: ${wanted}`],
    ['prints nothing', program(''), `it exited with 0: ${wanted}`],
    [
      'says more than one thing',
      says({ status: 'passed', message: 'a' }, 'echo {}'),
      `it exited with 0: ${wanted}`,
    ],
    ['names no known status', says({ status: 'ok', message: 'a' }), `it exited with 0: ${wanted}`],
    ['has no message', says({ status: 'passed', message: ' ' }), `it exited with 0: ${wanted}`],
    [
      'breaks after it said passed',
      says({ status: 'passed', message: 'a' }, 'exit 3'),
      `it said passed, but it exited with 3: ${wanted}`,
    ],
    ['is ended by a signal', program('kill -KILL $$'), `it was ended by SIGKILL: ${wanted}`],
    [
      'says too much',
      says({ status: 'passed', message: 'a', details: { all: 'x'.repeat(70_000) } }),
      'its answer is longer than 64 KiB: shorten details',
    ],
    [
      'is not there',
      { run: ['no-such-program-here'] },
      'cannot start no-such-program-here: no such program on the PATH: correct custom_checks.licences in gonogo.yaml',
    ],
    [
      'takes too long',
      { ...program('sleep 60'), timeout_seconds: 1 },
      'it did not end within 1 s: make it faster, or raise custom_checks.licences.timeout_seconds',
    ],
  ])('that %s could not run', async (_, changes, message) => {
    const check = await run(changes)
    expect(check).toMatchObject({ status: 'failed', ran: false, message })
  })

  test('that breaks leaves its last words as evidence, not in what is signed', async () => {
    const broken = program('date >&2; echo out of memory >&2; exit 1')
    const check = await run({ ...broken, requirement: 'advisory' })
    expect(check).toMatchObject({
      status: 'warning',
      ran: false,
      message: `it exited with 1: ${wanted}`,
    })
    expect(JSON.stringify(check.details['output'])).toContain('out of memory')
  })

  test('that is stopped from outside could not run', async () => {
    const signal = AbortSignal.timeout(150)
    const check = await run(program('sleep 60'), { signal })
    expect(check).toMatchObject({
      status: 'failed',
      ran: false,
      message: 'it was stopped before it answered: raise validation.timeout_seconds',
    })
  })
})

/** An endpoint on loopback; resolves to its URL. */
async function endpoint(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/gate`
}

const answers = (status: number, body: unknown, headers = {}) =>
  endpoint((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })

describe('an endpoint', () => {
  test('is sent the same facts, and its answer counts the same', async () => {
    const seen: unknown[] = []
    const url = await endpoint((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        seen.push(request.method, request.headers['content-type'], JSON.parse(body))
        response.end(JSON.stringify({ status: 'warning', message: 'the change board is away' }))
      })
    })
    const unknown = { release: null, source: null, live: { asked: false }, drift: null } as const
    expect(await run({ url }, { subject: { now: unknown } })).toMatchObject({
      status: 'warning',
      ran: true,
      message: 'the change board is away',
    })
    expect(seen).toEqual([
      'POST',
      'application/json',
      {
        name: 'licences',
        project: 'clinic',
        environment: 'staging',
        sha: '2'.repeat(40),
        version: 'v2',
        git_ref: 'v2',
        from_sha: null,
        from_version: null,
      },
    ])
  })

  test.each([
    [503, { status: 'passed', message: 'a' }, `/gate answered 503, not 200: ${wanted}`],
    [201, { status: 'passed', message: 'a' }, `/gate answered 201, not 200: ${wanted}`],
    [302, '', `/gate answered 302, not 200: ${wanted}`],
    [200, '<html>', `/gate answered something else: ${wanted}`],
    [200, 'x'.repeat(70_000), 'its answer is longer than 64 KiB: shorten details'],
  ])('that answers %i could not be asked', async (status, body, message) => {
    const url = await answers(status, body, { location: '/elsewhere' })
    expect(await run({ url: `${url}?token=hush` })).toMatchObject({
      status: 'failed',
      ran: false,
      message: expect.stringMatching(
        new RegExp(`${message.replace(/[.?*+^$[\]\\(){}|]/g, '\\$&')}$`),
      ),
    })
  })

  test('that is silent, or not there, could not be asked either', async () => {
    const silent = await endpoint(() => undefined)
    expect((await run({ url: silent, timeout_seconds: 1 })).message).toBe(
      `${silent} did not answer (no answer within 1000 ms): check that it runs, or correct custom_checks.licences.url`,
    )
    const check = await run({ url: 'http://127.0.0.1:9/gate?token=hush' })
    expect(check).toMatchObject({ status: 'failed', ran: false })
    expect(check.message).toMatch(
      /^http:\/\/127\.0\.0\.1:9\/gate did not answer \(.+\): check that/,
    )
  })
})

test('applies where it is configured to, and says what it would do', () => {
  const world = makeWorld()
  const project = fakeProject({
    custom_checks: [
      { ...definition, run: ['./licences', '--strict'], environments: ['production'] },
      { ...definition, name: 'board', url: 'https://board.test/gate?token=hush' },
    ],
  })
  const call = { ...world.call, project }
  const runners = customRunners(call)
  const listed = runners.map((runner) =>
    project.environments.map((environment) => runner.applies?.(call, environment)),
  )
  expect(listed).toEqual([
    [false, true],
    [true, true],
  ])
  const subject = subjectFor(call, 'staging')
  expect(runners.map((runner) => runner.foresee(subject, call))).toEqual([
    { runs: true, text: 'run ./licences --strict' },
    { runs: true, text: 'send a POST to https://board.test/gate' },
  ])
})

test('a program may be a file beside gonogo.yaml', async () => {
  const world = makeWorld()
  const script = '#!/bin/sh\necho \'{"status":"passed","message":"fine"}\'\n'
  await writeFile(join(world.directory, 'gate.sh'), script, { mode: 0o755 })
  const project = fakeProject({
    config_file: join(world.directory, 'gonogo.yaml'),
    custom_checks: [{ ...definition, run: ['./gate.sh'] }],
  })
  const call = { ...world.call, project }
  const [runner] = customRunners(call)
  const check = await runner!.run(subjectFor(call, 'staging'), call, call.signal)
  expect(check).toMatchObject({ status: 'passed', ran: true, message: 'fine' })
})
