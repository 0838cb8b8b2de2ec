import type { JsonSchemaType, Tool as ListedTool } from '@modelcontextprotocol/client'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeTool } from '../../src/mcp/describe.ts'
import { tools } from '../../src/tools/index.ts'
import { startClinic, type Clinic } from '../support/clinic.ts'
import { startLiveSystem, type LiveSystem } from '../support/live-system.ts'
import { connectMcp, eras, type McpSession } from '../support/mcp-client.ts'

const hints = (readOnlyHint: boolean, destructiveHint: boolean, openWorldHint: boolean) => ({
  readOnlyHint,
  destructiveHint,
  idempotentHint: true,
  openWorldHint,
})
const reads = hints(true, false, false)
const probes = hints(false, false, true)
const destroys = hints(false, true, true)

const expected = [
  ['validate_deployment', 'Validate a deployment', probes],
  ['run_security_scan', 'Run a security scan', probes],
  ['deploy_to_staging', 'Deploy to staging', probes],
  ['run_smoke_tests', 'Run smoke tests', probes],
  ['promote_to_production', 'Promote to production', destroys],
  ['rollback_deployment', 'Roll back a deployment', destroys],
  ['get_deployment_status', 'Get deployment status', reads],
  ['list_deployments', 'List deployments', reads],
] as const

let clinic: Clinic
let live: LiveSystem
let mcp: McpSession

beforeAll(async () => {
  live = await startLiveSystem()
  clinic = await startClinic()
  mcp = await connectMcp(clinic, { era: '2025-11-25', env: { STAGING_URL: live.url } })
})

afterAll(async () => {
  await mcp?.close()
  await clinic?.close()
  await live?.close()
})

describe.each(eras)('a client of %s', (era) => {
  test('is offered exactly the eight tools, in the order of the journey', async () => {
    await using session = await connectMcp(clinic, { era })
    expect(session.client.getNegotiatedProtocolVersion()).toBe(era)
    expect(session.client.getServerVersion()).toMatchObject({ name: 'gonogo' })
    expect(session.client.getInstructions()).toContain('waiting_approval')
    const { tools: listed } = await session.client.listTools()
    expect(listed.map(({ name, title, annotations }) => [name, title, annotations])).toEqual(
      expected,
    )
    expect(listed).toEqual(tools.map(describeTool))
    for (const tool of listed) {
      expect(tool.inputSchema).toMatchObject({ type: 'object', properties: {} })
      expect(tool.outputSchema).toMatchObject({ type: 'object', properties: {} })
    }
  })
})

test('a client of 2025-11-25 calls every tool, and every answer keeps to its schema', async () => {
  const { good1, good2 } = clinic.project.history
  const env = { STAGING_URL: live.url }
  const adopt = async (version: string, commit: string) => {
    live.commit = commit
    const adopted = await clinic.gonogo(['adopt', 'staging', version, '--json'], { env })
    return adopted.json()['deployment_id'] as string
  }
  await adopt('v1.0.0', good1)
  const deployment_id = await adopt('v1.1.0', good2)
  const staging = { environment: 'staging' }
  const calls: [name: string, args: Record<string, unknown>, answer: Record<string, unknown>][] = [
    ['validate_deployment', { ...staging, git_ref: 'v1.1.0' }, { valid: true, sha: good2 }],
    ['run_security_scan', { git_ref: 'vulnerable' }, { passed: true }],
    ['run_security_scan', { git_ref: 'leaky' }, { passed: false }],
    ['deploy_to_staging', { git_ref: 'v1.1.0', dry_run: true }, { status: 'dry_run' }],
    ['run_smoke_tests', staging, { passed: false }],
    ['promote_to_production', { staging_version: 'v1.1.0' }, { status: 'blocked' }],
    [
      'promote_to_production',
      { staging_version: 'v1.1.0', dry_run: true },
      { status: 'dry_run', deployment_id: null, accepted: 'no: blocked' },
    ],
    [
      'rollback_deployment',
      { ...staging, reason: 'practice', dry_run: true },
      { status: 'dry_run', rollback_id: null, from_version: 'v1.1.0', to_version: 'v1.0.0' },
    ],
    ['get_deployment_status', { deployment_id }, { deployment: expect.anything() }],
    ['list_deployments', { ...staging, limit: 1 }, { total_count: 2 }],
  ]
  const { tools: listed } = await mcp.client.listTools()
  for (const [name, args, answer] of calls) {
    expect(await checkedCall(listed, name, args), name).toMatchObject(answer)
  }
  expect(new Set(calls.map(([name]) => name)).size).toBe(tools.length)
})

/** Calls a tool and holds the answer against the listed schema, the full one, and its own text. */
async function checkedCall(
  listed: readonly ListedTool[],
  name: string,
  args: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { isError, text, summary, data } = await mcp.call(name, args)
  expect(isError, text).toBe(false)
  const advertised = listed.find((tool) => tool.name === name)!.outputSchema as JsonSchemaType
  const verdict = new AjvJsonSchemaValidator().getValidator(advertised)(data)
  expect(verdict.errorMessage, name).toBeUndefined()
  const full = tools.find((tool) => tool.name === name)!.output
  expect(full.strict().parse(data)).toEqual(data)
  expect(summary.length).toBeGreaterThan(10)
  expect(text).toBe(`${summary}\n${JSON.stringify(data)}`)
  return data
}
