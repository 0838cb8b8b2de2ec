import { describe, expect, it } from 'vitest'
import { slackBody, teamsBody } from '../../src/core/notification-formats.ts'
import {
  approvalDecided,
  approvalRequested,
  auditUnavailable,
  deploymentEnded,
  glassBroken,
  lineChanged,
  messageText,
  pauseAfter,
  tokenRefused,
  trial,
  tries,
  type Message,
  type Notice,
} from '../../src/core/notification.ts'
import { approval, deployment } from '../adapters/store/rows.ts'

const at = '2030-01-01T00:00:00.000Z'
const read = (notice: Notice) => JSON.parse(messageText(notice, 'clinic', at)) as Message
const { request } = approval('apr_1')
const hostile =
  '<!channel> <https://evil.test|approve here> [ok](https://evil.test) & \u202egnp\u001b[31m\nnext'

describe('a message', () => {
  it('of a request says who wants what, and what to run, and holds no code', () => {
    const message = read(approvalRequested({ ...request, reason: 'hotfix' }))
    expect(message).toMatchObject({
      schema_version: 1,
      type: 'approval_requested',
      timestamp: at,
      data: {
        project: 'clinic',
        environment: 'production',
        title: 'agent:claude-code asks to promote v1.4.0 to production',
        facts: { approval_id: 'apr_1', commit: 'a'.repeat(40), reason: 'hotfix' },
        command: 'gonogo approve apr_1',
      },
    })
    expect(JSON.stringify(message)).not.toContain(request.nonce)
  })

  it('of an emergency begins with what it is', () => {
    const overrides = ['break_glass']
    const urgent = read(approvalRequested({ ...request, kind: 'break_glass', overrides }))
    expect(urgent.data.title).toMatch(/^break-glass: agent:claude-code asks/)
    expect(urgent.data.facts['overrides']).toBe('break_glass')
    const done = read(glassBroken(deployment('dep_1'), ['runs_on_staging', 'freeze_window']))
    expect(done.data.command).toBe('gonogo break-glass review dep_1')
    expect(done.data.facts['set_aside']).toBe('runs_on_staging, freeze_window')
  })

  it('of a decision, an end, a stop, a refusal and a lost log says which', () => {
    const decision = { person: 'ada', method: 'ssh_signature', level: 'L1' } as const
    const titles = [
      approvalDecided(request, { ...decision, verdict: 'rejected' }, 'not now'),
      approvalDecided(request, { ...decision, verdict: 'revoked' }, null),
      deploymentEnded(deployment('dep_1', { status: 'outcome_unknown' })),
      deploymentEnded(deployment('dep_1', { kind: 'rollback', status: 'failure' })),
      lineChanged('human:ada', { stopped: true, reason: 'incident' }),
      lineChanged('human:ada', { stopped: false, reason: 'over' }),
      tokenRefused('agent:claude', 'sha256:0123456789ab'),
      auditUnavailable('/var/audit.jsonl', 'disk full'),
      trial('human:ada'),
    ].map((notice) => read(notice).data.title)
    expect(titles).toEqual([
      'ada rejected: agent:claude-code wants to promote v1.4.0 to production',
      'ada took back the approval: agent:claude-code wants to promote v1.4.0 to production',
      'deploy of v1.4.0 to staging: outcome unknown',
      'rollback of staging to v1.4.0: failure',
      'human:ada stopped all promotions',
      'human:ada lets promotions go on',
      'agent:claude tried a token that was refused',
      'the audit log cannot be written: changes are refused',
      'human:ada tests whether messages of gonogo arrive',
    ])
  })

  it('holds what others wrote on one line, cut, and without control characters', () => {
    const notice = approvalRequested({ ...request, reason: `${hostile} ${'x'.repeat(5000)}` })
    const text = messageText(notice, 'clinic', at)
    expect(text.length).toBeLessThan(3000)
    const { reason } = (JSON.parse(text) as Message).data.facts
    expect(reason).toHaveLength(300)
    expect(['\u202e', '\u001b', '\n'].filter((sign) => reason!.includes(sign))).toEqual([])
    expect(() => messageText({ ...notice, facts: { odd: '\ud800' } }, 'clinic', at)).not.toThrow()
  })
})

describe('the formats', () => {
  const message = read(approvalRequested({ ...request, requester: hostile, reason: hostile }))

  it('of Slack hold no link and no mention that somebody else wrote', () => {
    const text = slackBody(message)
    expect(text).not.toMatch(/<!|<http/)
    const { blocks, text: fallback } = JSON.parse(text) as {
      text: string
      blocks: { text?: { verbatim: boolean; text: string }; fields?: { verbatim: boolean }[] }[]
    }
    const parts = blocks.flatMap(({ fields = [], text: own }) => [...fields, ...(own ? [own] : [])])
    expect(parts.every((part) => part?.verbatim)).toBe(true)
    expect(fallback).toContain('&lt;!channel&gt;')
    expect(text).toContain('Run `gonogo approve apr_1`')
  })

  it('of Teams leave it to no reader of Markdown', () => {
    const { attachments } = JSON.parse(teamsBody(message)) as {
      attachments: { contentType: string; content: { type: string; body: { type: string }[] } }[]
    }
    const [{ contentType, content } = attachments[0]!] = attachments
    expect(contentType).toBe('application/vnd.microsoft.card.adaptive')
    expect(content.type).toBe('AdaptiveCard')
    expect(new Set(content.body.map(({ type }) => type))).toEqual(new Set(['RichTextBlock']))
    expect(teamsBody(message)).toContain('gonogo approve apr_1')
  })
})

it('a message is tried twelve times over some hours, less and less often', () => {
  const pauses = Array.from({ length: tries }, (_, index) => pauseAfter(index + 1))
  expect(tries).toBe(12)
  expect(pauses.at(-1)).toBeNull()
  const waits = pauses.filter((pause) => pause !== null)
  expect(waits).toEqual(waits.toSorted((left, right) => left - right))
  const hours = waits.reduce((sum, pause) => sum + pause, 0) / 3_600_000
  expect(hours).toBeGreaterThan(3)
  expect(hours).toBeLessThan(6)
})
