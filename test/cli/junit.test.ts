import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SaxesParser } from 'saxes'
import { afterEach, expect, it } from 'vitest'
import { checkPlace, writeJunit } from '../../src/cli/commands/junit-file.ts'
import { junitXml, type SmokeReport } from '../../src/cli/render/junit.ts'

interface Element {
  name: string
  attributes: Record<string, string>
  text: string
  inside: Element[]
}

/** What a strict parser makes of it. */
function parsed(xml: string): Element {
  const root: Element = { name: '', attributes: {}, text: '', inside: [] }
  const open = [root]
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes }, text: '', inside: [] }
    open.at(-1)!.inside.push(element)
    open.push(element)
  })
  parser.on('text', (text) => void (open.at(-1)!.text += text))
  parser.on('closetag', () => void open.pop())
  parser.write(xml).close()
  return root.inside[0]!
}

const row = {
  phase: 'test',
  passed: true,
  ran: true,
  message: 'status 200',
  duration_ms: 1234,
  attempts: 1,
}

function report(results: SmokeReport['results'], changes: Partial<SmokeReport> = {}): SmokeReport {
  return {
    environment: 'staging',
    test_suite: 'basic',
    passed: false,
    results,
    duration_ms: 2500,
    executed_at: '2026-01-02T03:04:05Z',
    ...changes,
  }
}

it('has a case for each step: failure, error, skipped or nothing', () => {
  const exchange = { request: 'GET / HTTP/1.1', answer: 'HTTP/1.1 500\n\n<b>&</b>' }
  const [suite] = parsed(
    junitXml(
      report([
        {
          ...row,
          name: 'setup',
          phase: 'setup',
          flaky: true,
          attempts: 2,
          message: 'at attempt 2',
        },
        {
          ...row,
          name: 'fine',
          latency: { requests: 3, p50_ms: 1, p95_ms: 2, p99_ms: 2, max_ms: 2 },
        },
        { ...row, name: 'unknown', passed: false, ran: false, message: 'not run: unknown' },
        { ...row, name: 'broken', passed: false, message: 'got 500', exchange },
        {
          ...row,
          name: 'later',
          passed: false,
          ran: false,
          attempts: 0,
          message: 'not run: x failed',
        },
        { ...row, name: 'clear', phase: 'teardown', passed: false, message: 'got 404' },
      ]),
    ),
  ).inside
  expect(suite!.attributes).toMatchObject({
    name: 'staging basic',
    tests: '6',
    failures: '1',
    errors: '1',
    skipped: '1',
    time: '2.500',
    timestamp: '2026-01-02T03:04:05',
  })
  const cases = suite!.inside.map(({ attributes, inside }) => [
    attributes.name,
    attributes.classname,
    inside.map(({ name }) => name).join(),
  ])
  expect(cases).toEqual([
    ['setup', 'smoke.staging.setup', 'system-out'],
    ['fine', 'smoke.staging.test', 'system-out'],
    ['unknown', 'smoke.staging.test', 'error'],
    ['broken', 'smoke.staging.test', 'failure'],
    ['later', 'smoke.staging.test', 'skipped'],
    ['clear', 'smoke.staging.teardown', 'system-out'],
  ])
  const failure = suite!.inside[3]!.inside[0]!
  expect(failure.attributes.message).toBe('got 500')
  expect(failure.text).toBe('got 500\n\nGET / HTTP/1.1\n\nHTTP/1.1 500\n\n<b>&</b>')
  expect(suite!.inside[0]!.inside[0]!.text).toBe('flaky: at attempt 2')
})

it('tells a run that failed before its first request as an error, never as skipped alone', () => {
  const [suite] = parsed(
    junitXml(
      report([{ ...row, name: 'a', passed: false, ran: false, attempts: 0, message: 'not run' }]),
    ),
  ).inside
  expect(suite!.attributes).toMatchObject({ errors: '1', skipped: '0' })
  const dry = junitXml(
    report([{ name: 'a', passed: null, ran: false, message: 'dry run' }], {
      passed: null,
      executed_at: null,
    }),
  )
  expect(parsed(dry).inside[0]!.attributes).toMatchObject({ errors: '0', skipped: '1' })
})

it('is XML, whatever names and answers hold', () => {
  const evil = `"'<>&]]> \u0000\u0008\u001b[31m\ufffe\ud800 é 😀\u2028`
  const xml = junitXml(report([{ ...row, name: evil, passed: false, message: `${evil}\n${evil}` }]))
  const [suite] = parsed(xml).inside
  expect(suite!.inside[0]!.attributes.name).toMatch(/^"'<>&\]\]> .*é 😀$/)
  expect(suite!.inside[0]!.inside[0]!.attributes.message).toContain('\n')
})

let directory = ''
afterEach(() => rmSync(directory, { recursive: true, force: true }))

it('is written as a whole, or refused with what to do before anything is asked', async () => {
  directory = mkdtempSync(join(tmpdir(), 'gonogo-junit-'))
  const file = join(directory, 'smoke.xml')
  await checkPlace(file)
  for (const passed of [false, true]) {
    await writeJunit(file, { ...report([{ ...row, name: 'a', passed }]) })
    expect(parsed(readFileSync(file, 'utf8')).name).toBe('testsuites')
  }
  expect(readdirSync(directory)).toEqual(['smoke.xml'])
  const nowhere = join(directory, 'missing', 'smoke.xml')
  const refusal = {
    code: 'invalid_input',
    message: `--junit: ${nowhere} cannot be written (ENOENT)`,
  }
  await expect(checkPlace(dirname(file))).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(checkPlace('/dev/null')).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(checkPlace(nowhere)).rejects.toMatchObject(refusal)
  await expect(writeJunit(nowhere, {})).rejects.toMatchObject({ code: 'invalid_input' })
})
