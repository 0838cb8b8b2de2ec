import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startReceiver } from '../adapters/notifier/receiver.ts'
import { deadlyAt, killed, outboxPoints } from '../support/kill-scenarios.ts'
import { openWorkshop, type Workshop } from '../support/small-project.ts'
import { until } from '../support/until.ts'

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop.close())

const secret = 'a secret of the receiver'

const notifications = [
  {
    name: 'team',
    kind: 'webhook',
    url_env: 'TEAM_URL',
    secret_env: 'TEAM_SECRET',
    hosts: ['127.0.0.1'],
  },
]
const configure = (config: Record<string, unknown>) => Object.assign(config, { notifications })

it('a request reaches the approver by a process of its own, which leaves when nothing waits', async () => {
  const { url, received } = await startReceiver()
  await shop.with({ configure, approval: 'required' }, async (project) => {
    const env = { TEAM_URL: url, TEAM_SECRET: secret }
    const asked = await project.tool('promote_to_production', { staging_version: 'v1' }, { env })
    expect(asked.status).toBe('waiting_approval')
    const [{ headers, body }] = [await until('the message', () => received[0])]
    expect(JSON.parse(body)).toMatchObject({
      type: 'approval_requested',
      data: { command: `gonogo approve ${asked.approval.id}` },
    })
    const [id, at] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])]
    const signed = `${id}.${at}.${body}`
    const code = createHmac('sha256', secret).update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${code}`)
    await project.idle()
    expect(received).toHaveLength(1)
    const listed = await project.gonogo(['notifications', 'list', '--json'], { env })
    expect(listed.json()).toMatchObject({
      targets: [{ name: 'team', problem: null }],
      messages: [{ event: 'approval_requested', state: 'delivered', attempts: 1 }],
    })
    expect(listed.stdout + listed.stderr).not.toContain(url)
  })
})

it.concurrent.each(outboxPoints)('a sender that is killed at %s loses nothing', async (point) => {
  const { url, received } = await startReceiver()
  await shop.with({ configure, approval: 'required' }, async (project) => {
    const env = { TEAM_URL: url, TEAM_SECRET: secret }
    const deadly = { ...env, ...deadlyAt(project, point) }
    await project.tool('promote_to_production', { staging_version: 'v1' }, { env: deadly })
    await killed(project)
    // A claim ends by itself after a while; here at once.
    const db = new DatabaseSync(join(project.root, 'state/gonogo.db'), { timeout: 5000 })
    db.exec('update outbox set due_at = 0')
    db.close()
    expect(await project.gonogo(['keep', '--outbox'], { env })).toMatchObject({ exitCode: 0 })
    const ids = received.map(({ headers }) => headers['webhook-id'])
    // Whoever got it twice can tell: only a sender that died before it wrote down what it had sent repeats.
    expect(ids).toHaveLength(point === 'outbox.sent' ? 2 : 1)
    expect(new Set(ids).size).toBe(1)
  })
})
