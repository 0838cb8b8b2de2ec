import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startClinic, type Clinic } from '../support/clinic.ts'
import { dumpStore } from '../support/dump-store.ts'
import { connectMcp, statusAtEnd, type McpSession } from '../support/mcp-client.ts'
import { until } from '../support/until.ts'

/** Shorter than the tests take, longer than the server waits before it answers `pending`. */
const clientLimit = { timeout: 4000 }

let clinic: Clinic
let mcp: McpSession

beforeAll(async () => {
  clinic = await startClinic({
    // A line for the content that is tested, then longer than clients wait.
    tests: ['sh', '-c', 'cat src/*.js *.json | cksum >> "$HOME/tests"; exec sleep 5'],
    prepare: [{ name: 'take a while', run: ['sleep', '1'] }],
    configure: (yaml) =>
      yaml
        .replaceAll('    env_file:', '    checks: { security_scan: "off" }\n    env_file:')
        .replace('  production:', '  production:\n    approval: none'),
  })
  mcp = await connectMcp(clinic, { args: ['--wait-seconds', '1'] })
})

afterAll(async () => {
  await mcp?.close()
  await clinic?.close()
})

const testRuns = async () =>
  (await readFile(join(clinic.root, 'home/tests'), 'utf8')).trimEnd().split('\n')

async function expectTestedOnce(): Promise<void> {
  const runs = await testRuns()
  expect(runs).toEqual([...new Set(runs)])
}

const validate = (git_ref: string) => ({ environment: 'staging', git_ref })

/** Calls again, as `pending` says, until the answer is there. */
async function untilDone(git_ref: string) {
  return await until('the answer', async () => {
    const answer = await mcp.call('validate_deployment', validate(git_ref), clientLimit)
    return answer.data['pending'] !== true && answer
  })
}

describe.concurrent('a call that takes longer than clients wait', () => {
  test('answers pending in time; the same call joins, and the work runs once', async () => {
    const first = await mcp.call('validate_deployment', validate('v1.0.0'), clientLimit)
    expect(first.isError).toBe(false)
    expect(first.summary).toBe('Still validating: call again with the same arguments.')
    expect(first.data).toMatchObject({
      pending: true,
      operation_id: expect.stringMatching(/^op_/),
      retry_after_s: expect.any(Number),
      valid: null,
      validated_at: null,
    })
    const second = await mcp.call('validate_deployment', validate('v1.0.0'), clientLimit)
    expect(second.data['operation_id']).toBe(first.data['operation_id'])
    const last = await untilDone('v1.0.0')
    expect(last.data).toMatchObject({ valid: true, git_ref: 'v1.0.0' })
    expect(last.data).not.toHaveProperty('operation_id')
    await expectTestedOnce()
  })

  test('tells a client that asks what is being done', async () => {
    const seen: Progress[] = []
    await mcp.call('validate_deployment', validate('v1.1.0'), {
      onprogress: (progress) => seen.push(progress),
    })
    expect(seen[0]?.message).toMatch(/^at work: .*tests_passed/)
    expect(seen.at(-1)?.message).toMatch(/tests_passed|tests: /)
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.map(({ progress }) => progress)).toEqual(seen.map((_, index) => index + 1))
  })

  test('goes on when it is cancelled, and the same call later joins it', async () => {
    const giveUp = new AbortController()
    const cancelled = mcp.call('validate_deployment', validate('v1.2.0'), {
      signal: giveUp.signal,
      onprogress: ({ message }) => {
        if (message?.startsWith('at work: ')) giveUp.abort(new Error('the user pressed escape'))
      },
    })
    await expect(cancelled).rejects.toThrow('the user pressed escape')
    const { data } = await untilDone('v1.2.0')
    expect(data['checks']).toContainEqual(
      expect.objectContaining({ check_name: 'tests_passed', status: 'passed' }),
    )
    await expectTestedOnce()
  })
})

test('the server waits 45 s unless it is told otherwise', async () => {
  const { stdout } = await clinic.gonogo(['mcp', '--help'])
  expect(stdout).toMatch(/--wait-seconds <number>[^(]*\(default: "?45"?\)/)
})

test('cancelling a deployment call never stops the deployment', async () => {
  await untilDone('v1.0.0')
  await expectDeployedAlthoughCancelled('deploy_to_staging', { git_ref: 'v1.0.0' })
  const smoke = await until('the smoke tests', async () => {
    const answer = await mcp.call('run_smoke_tests', { environment: 'staging' })
    return answer.data['pending'] !== true && answer
  })
  expect(smoke.data['passed']).toBe(true)
  await expectDeployedAlthoughCancelled('promote_to_production', { staging_version: 'v1.0.0' })
})

const rows = () => dumpStore(clinic.project.stateDirectory)['deployments'] ?? []

async function expectDeployedAlthoughCancelled(
  tool: string,
  args: Record<string, unknown>,
): Promise<void> {
  const known = new Set(rows().map((row) => row['id']))
  const giveUp = new AbortController()
  const cancelled = mcp.call(tool, args, { signal: giveUp.signal })
  const row = await until('the deployment', () => rows().find(({ id }) => !known.has(id)))
  giveUp.abort(new Error('cancelled'))
  await expect(cancelled).rejects.toThrow('cancelled')
  const { deployment } = await statusAtEnd(mcp, String(row['id']))
  expect(deployment).toMatchObject({ status: 'success', health_status: 'healthy' })
  await expectOneKeeper(deployment.deployment_id)
}

/** However often somebody looks while it gets going. */
async function expectOneKeeper(id: string): Promise<void> {
  const file = join(clinic.project.stateDirectory, 'keepers', `keeper-${id}.log`)
  expect(await readFile(file, 'utf8')).not.toContain('watched by another')
}
