import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AnyJson } from '../support/any-json.ts'
import { startClinic, type Clinic } from '../support/clinic.ts'
import { connectMcp, statusAtEnd, type McpSession } from '../support/mcp-client.ts'

let clinic: Clinic
let mcp: McpSession

beforeAll(async () => {
  clinic = await startClinic()
  await clinic.addApprover()
  mcp = await connectMcp(clinic, { era: '2026-07-28' })
})

afterAll(async () => {
  await mcp?.close()
  await clinic?.close()
})

const liveCommit = async (environment: 'staging' | 'production') =>
  (
    (await (await fetch(`${clinic.project.urls[environment]}/version`)).json()) as {
      commit: string
    }
  ).commit

test('an assistant takes releases to production, and one back, with a person approving', async () => {
  const { good1, good2 } = clinic.project.history

  await stage('v1.0.0')
  expect(await liveCommit('staging')).toBe(good1)
  await withApproval('promote_to_production', { staging_version: 'v1.0.0' }, 'promotion')
  expect(await liveCommit('production')).toBe(good1)

  await stage('v1.1.0')
  await withApproval('promote_to_production', { staging_version: 'v1.1.0' }, 'promotion')
  expect(await liveCommit('production')).toBe(good2)

  const rollback = { environment: 'production', reason: 'notes are lost' }
  const back = await withApproval('rollback_deployment', rollback, 'rollback')
  expect(back).toMatchObject({ from_version: 'v1.1.0', to_version: 'v1.0.0' })
  expect(await liveCommit('production')).toBe(good1)

  const list = await mcp.call('list_deployments', { environment: 'production' })
  expect(list.summary).toBe('3 of 3 deployment(s).')
  expect(
    list.data['deployments'].map((row: Record<string, unknown>) => [row['kind'], row['version']]),
  ).toEqual([
    ['rollback', 'v1.0.0'],
    ['promotion', 'v1.1.0'],
    ['promotion', 'v1.0.0'],
  ])
  await expectAudited()
}, 90_000)

/** Validate, scan, deploy, watch, smoke: what comes before a promotion. */
async function stage(version: string): Promise<void> {
  const valid = await mcp.call('validate_deployment', { environment: 'staging', git_ref: version })
  expect(valid.summary).toBe(`GO: ${version} for staging is valid.`)
  const scan = await mcp.call('run_security_scan', { git_ref: version })
  expect(scan.data).toMatchObject({ passed: true, git_ref: version })
  const deployed = await mcp.call('deploy_to_staging', { git_ref: version })
  expect(deployed.data).toMatchObject({ status: 'in_progress', environment: 'staging', version })
  await expectSuccess(deployed.data['deployment_id'])
  const smoke = await mcp.call('run_smoke_tests', { environment: 'staging', test_suite: 'full' })
  expect(smoke.data).toMatchObject({ passed: true, version, warnings: [] })
}

/** Asks, has a person approve at the command line, asks again with the id, follows to the end. */
async function withApproval(
  tool: 'promote_to_production' | 'rollback_deployment',
  args: Record<string, unknown>,
  kind: string,
): Promise<Record<string, unknown>> {
  const idField = tool === 'rollback_deployment' ? 'rollback_id' : 'deployment_id'
  const asked = await mcp.call(tool, args)
  expect(asked.isError).toBe(false)
  expect(asked.data).toMatchObject({ status: 'waiting_approval', [idField]: null })
  const { id, command, expires_at } = asked.data['approval']
  expect(command).toBe(`gonogo approve ${id}`)
  expect(Date.parse(expires_at)).toBeGreaterThan(Date.now())
  expect(asked.summary).toContain(command)

  const early = await mcp.call(tool, { ...args, approval_token: id })
  expect(early.data).toMatchObject({ status: 'waiting_approval', approval: { id } })

  expect(await clinic.approve(id)).toMatchObject({ exitCode: 0 })
  const started = await mcp.call(tool, { ...args, approval_token: id })
  expect(started.data['status']).toBe('in_progress')
  const deploymentId = started.data[idField]
  expect(started.data['watched_by']).toMatch(/^keeper pid \d+$/)
  const again = await mcp.call(tool, { ...args, approval_token: id })
  expect(again.data[idField]).toBe(deploymentId)
  const { deployment } = await expectSuccess(deploymentId)
  expect(deployment).toMatchObject({ kind, initiated_by: 'agent:test-client' })
  return started.data
}

async function expectSuccess(id: string): Promise<AnyJson> {
  const status = await statusAtEnd(mcp, id)
  expect(status.deployment).toMatchObject({ status: 'success', health_status: 'healthy' })
  expect(status.logs.at(-1)).toBe('== succeeded ==')
  expect(status.health_checks).toMatchObject({ api: { status: 'healthy' } })
  return status
}

/** Who asked and who agreed can be read later, in a log that verifies. */
async function expectAudited(): Promise<void> {
  expect(await clinic.gonogo(['audit', 'verify'])).toMatchObject({ exitCode: 6 })
  const log = await readFile(`${clinic.project.stateDirectory}/audit.jsonl`, 'utf8')
  const lines = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const intents = lines.filter((line) => line.phase === 'intent' && line.approval !== null)
  expect(intents.map((line) => [line.operation, line.user, line.approval])).toEqual(
    ['promote', 'promote', 'rollback'].map((operation) => [
      operation,
      'agent:test-client',
      { method: 'ssh_signature', level: 'L0', by: 'ada' },
    ]),
  )
}
