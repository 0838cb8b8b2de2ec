import { describe, expect, it } from 'vitest'
import { correlate, createdSince } from '../../../../src/adapters/github/runs/correlate.ts'
import type { WorkflowRun } from '../../../../src/adapters/github/payloads.ts'
import type { SentRecord } from '../../../../src/adapters/github/runs/run-record.ts'

const askedAt = Date.parse('2026-11-01T12:00:00Z')
const id = 'dep_01jabc'

const record = {
  correlation_id: id,
  ref_sha: 'a'.repeat(40),
  login: 'gonogo-bot',
  runs_before: ['1', '2'],
  asked_at: askedAt,
  titled: false,
} as SentRecord

function run(
  changes: Partial<WorkflowRun> & { actorLogin?: string; at?: number } = {},
): WorkflowRun {
  const { actorLogin = 'gonogo-bot', at = 1000, ...others } = changes
  return {
    id: '7',
    html_url: 'https://github.com/acme/clinic/actions/runs/7',
    event: 'workflow_dispatch',
    status: 'queued',
    conclusion: null,
    head_sha: 'a'.repeat(40),
    display_title: 'CD',
    created_at: new Date(askedAt + at).toISOString(),
    actor: { login: actorLogin, type: 'User' },
    ...others,
  }
}

const found = (runs: WorkflowRun[], changes: Partial<SentRecord> = {}, taken: string[] = []) => {
  const result = correlate({ ...record, ...changes }, runs, new Set(taken))
  if (result.found === 'one') return `${result.run.id} by ${result.by}`
  return result.found === 'several' ? result.runs.map((one) => one.id) : 'none'
}

describe('a run that carries the id of the deployment', () => {
  it('is taken before anything else that would fit', () => {
    const ours = run({ id: '8', display_title: `promote v1 (${id})`, head_sha: 'b'.repeat(40) })
    expect(found([run(), ours])).toBe('8 by title')
  })

  it('is the whole id or nothing', () => {
    for (const title of [`${id}x`, `x${id}`, `${id}_2`, id.slice(0, -1)]) {
      expect(found([run({ display_title: title })], { titled: true })).toBe('none')
    }
  })

  it('is not taken from another person', () => {
    expect(found([run({ display_title: id, actorLogin: 'mallory' })])).toBe('none')
  })

  it('is asked for alone when the workflow is known to title its runs so', () => {
    expect(found([run()], { titled: true })).toBe('none')
  })

  it('is told when two have it', () => {
    expect(found([run({ id: '8', display_title: id }), run({ display_title: id })])).toEqual([
      '8',
      '7',
    ])
  })
})

describe('a run without an id', () => {
  it('is taken when nothing else can be it', () => {
    const others = [
      run({ id: '1' }),
      run({ id: '3', actorLogin: 'mallory' }),
      run({ id: '4', head_sha: 'b'.repeat(40) }),
      run({ id: '5', at: -31_000 }),
      run({ id: '6', at: 181_000 }),
      run({ id: '9', event: 'push' }),
      run({ id: '10', actor: null }),
      run({ id: '11', display_title: 'deploy v1 (dep_01jother)' }),
      run({ id: '12' }),
    ]
    expect(found([...others, run()], {}, ['12'])).toBe('7 by elimination')
    expect(found(others, {}, ['12'])).toBe('none')
  })

  it('is never guessed among several', () => {
    expect(found([run(), run({ id: '8' })])).toEqual(['7', '8'])
  })

  it('is a bot, whichever, when the token does not say whose it is', () => {
    const bot = run({ actor: { login: 'app[bot]', type: 'Bot' } })
    expect(found([run(), { ...bot, id: '8' }], { login: null })).toBe('8 by elimination')
  })
})

it("asks for runs since two minutes before, by GitHub's clock", () => {
  expect(createdSince(askedAt)).toBe('>=2026-11-01T11:58:00Z')
})
