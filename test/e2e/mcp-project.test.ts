import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startClinic, type Clinic } from '../support/clinic.ts'
import { connectMcp, eras } from '../support/mcp-client.ts'

const core = [
  'validate_deployment',
  'run_security_scan',
  'run_smoke_tests',
  'promote_to_production',
  'rollback_deployment',
  'get_deployment_status',
  'list_deployments',
]

let clinic: Clinic
/** A directory that has nothing to do with the project, as MCP clients start servers in. */
let elsewhere: string

beforeAll(async () => {
  clinic = await startClinic()
  elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-elsewhere-')))
})

afterAll(async () => {
  await clinic?.close()
  await rm(elsewhere, { recursive: true, force: true })
})

async function offered(args: readonly string[]): Promise<string[]> {
  await using mcp = await connectMcp(clinic, { args })
  return (await mcp.client.listTools()).tools.map(({ name }) => name)
}

describe('what is offered', () => {
  test('--read-only offers no tool that changes an environment, and answers one that is called', async () => {
    await using mcp = await connectMcp(clinic, { args: ['--read-only'] })
    const { tools } = await mcp.client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      'validate_deployment',
      'run_security_scan',
      'run_smoke_tests',
      'get_deployment_status',
      'list_deployments',
    ])
    const answer = await mcp.call('promote_to_production', { staging_version: 'v1.0.0' })
    expect(answer.error).toMatchObject({
      code: 'invalid_input',
      message: 'there is no tool promote_to_production here',
      hint: expect.stringContaining('--read-only'),
    })
  })

  test('--toolsets core offers the seven tools without deploy_to_staging', async () => {
    expect(await offered(['--toolsets', 'core'])).toEqual(core)
    expect(await offered(['--toolsets', 'delivery'])).toEqual(['deploy_to_staging'])
  })

  test('flags that mean nothing are refused before a word of protocol', async () => {
    const unknown = await clinic.gonogo(['mcp', '--toolsets', 'cor'])
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' })
    expect(unknown.stderr).toContain('did you mean core?')
    const never = await clinic.gonogo(['mcp', '--wait-seconds', '0'])
    expect(never).toMatchObject({ exitCode: 2, stdout: '' })
  })
})

describe('the project', () => {
  test.each(eras)('is not opened before a tool needs it, for a client of %s', async (era) => {
    const state = join(clinic.root, `state-${era}`)
    await using mcp = await connectMcp(clinic, { era, env: { GONOGO_STATE_DIR: state } })
    expect((await mcp.client.listTools()).tools).toHaveLength(8)
    expect(existsSync(state)).toBe(false)
    await mcp.call('list_deployments')
    expect(existsSync(state)).toBe(true)
  })

  test('whose gonogo.yaml is broken is an answer with the line, and works once it is mended', async () => {
    const file = join(clinic.root, 'gonogo.yaml')
    const good = await readFile(file, 'utf8')
    await writeFile(file, good.replace('approvals: { mode: standard }', 'approvals: { mode: lax }'))
    await using mcp = await connectMcp(clinic)
    expect((await mcp.client.listTools()).tools).toHaveLength(8)
    const broken = await mcp.call('list_deployments')
    expect(broken.error?.code).toBe('invalid_configuration')
    const line = good.slice(0, good.indexOf('approvals:')).split('\n').length
    expect(broken.error?.message).toContain(`gonogo.yaml:${line}: approvals.mode`)
    await writeFile(file, good)
    expect((await mcp.call('list_deployments')).isError).toBe(false)
  })

  test('is what gonogo.yaml says now, not what it said when the server started', async () => {
    const file = join(clinic.root, 'gonogo.yaml')
    const good = await readFile(file, 'utf8')
    await using mcp = await connectMcp(clinic)
    const preview = { environment: 'preview' }
    expect((await mcp.call('list_deployments', preview)).error?.code).toBe('unknown_environment')
    await writeFile(file, good.replace('environments:\n', 'environments:\n  preview: {}\n'))
    expect((await mcp.call('list_deployments', preview)).isError).toBe(false)
    await writeFile(file, good)
    expect((await mcp.call('list_deployments', preview)).error?.code).toBe('unknown_environment')
  })

  test('is found from any directory by --project and by GONOGO_PROJECT', async () => {
    const dryRun = { environment: 'staging', git_ref: 'v1.0.0', dry_run: true }
    for (const options of [
      { args: ['--project', clinic.root] },
      { env: { GONOGO_PROJECT: clinic.root } },
    ]) {
      await using mcp = await connectMcp(clinic, { ...options, cwd: elsewhere })
      const answer = await mcp.call('validate_deployment', dryRun)
      expect(answer.data['sha']).toBe(clinic.project.history.good1)
    }
    await using lost = await connectMcp(clinic, {
      args: ['--project', './nowhere'],
      cwd: elsewhere,
    })
    const answer = await lost.call('list_deployments')
    expect(answer.error).toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('nowhere'),
    })
  })

  test('without a gonogo.yaml can be read, and a write says how to get a pipeline', async () => {
    const directory = join(elsewhere, 'observed')
    await mkdir(directory)
    const env = {
      STAGING_URL: 'http://127.0.0.1:9',
      PRODUCTION_URL: 'http://127.0.0.1:7',
      GITHUB_REPOSITORY: 'acme/clinic',
    }
    await using mcp = await connectMcp(clinic, { cwd: directory, env })
    expect((await mcp.call('list_deployments', { environment: 'production' })).data).toMatchObject({
      deployments: [],
    })
    const smoke = await mcp.call('run_smoke_tests', { environment: 'staging' })
    expect(smoke.error?.message).toContain('no basic smoke tests are configured')
    const scan = await mcp.call('run_security_scan', { git_ref: 'main' })
    expect(scan.error?.code).toBe('source_unavailable')
    for (const [tool, args] of [
      ['deploy_to_staging', { git_ref: 'main' }],
      ['promote_to_production', { staging_version: 'v1' }],
      ['rollback_deployment', { environment: 'production', reason: 'broken' }],
    ] as const) {
      const { error } = await mcp.call(tool, args)
      expect(error?.code, tool).toBe('no_pipeline_configured')
      expect(error?.hint, tool).toContain('gonogo init')
    }
  })
})
