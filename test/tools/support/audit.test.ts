import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { canonicalJson, toJson } from '../../../src/core/canonical.ts'
import type { Check } from '../../../src/core/check.ts'
import { getDeploymentStatus } from '../../../src/tools/get-deployment-status.ts'
import { tokenLabel } from '../../../src/tools/support/audit.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { promote, release, stage } from './journey.ts'

interface AuditedChecks {
  operation: string
  phase: string
  details: { checks?: { check_name: string; status: string; ran: boolean; evidence: string }[] }
}

const namesOf = (line?: AuditedChecks) => line?.details.checks?.map((check) => check.check_name)

it('names each check that let a deployment through, with the hash of what it saw', async () => {
  const world = makeWorld()
  await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
  // The stored result of the tests stands in for running them again.
  const { id } = await stage(world, 'v1')
  const log = await readFile(join(world.directory, 'audit.jsonl'), 'utf8')
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditedChecks)
  const validation = lines.findLast(({ operation }) => operation === 'validate_deployment')
  const intent = lines.find(({ operation, phase }) => operation === 'deploy' && phase === 'intent')
  const { output } = await getDeploymentStatus.call({ deployment_id: id, checks: true }, world.call)
  for (const { check_name, status, ran, details } of output.checks as Check[]) {
    if (['live_version', 'health', 'smoke_tests'].includes(check_name)) continue
    const hash = createHash('sha256')
      .update(canonicalJson(toJson(details)))
      .digest('hex')
    const line = expect.objectContaining({ check_name, status, ran, evidence: `sha256:${hash}` })
    expect(intent?.details.checks).toContainEqual(line)
    expect(validation?.details.checks).toContainEqual(line)
  }
  // Who holds the lock is told by validations only: a deployment takes it.
  expect(namesOf(validation)).toEqual([...namesOf(intent)!, 'environment_lock'])
})

it('and an approver are told that an older commit was meant', async () => {
  const world = makeWorld()
  await release(world, 'v2')
  await stage(world, 'v1', { allow_older: true })
  const { plan } = await promote(world.call, 'v1', { allow_older: true, dry_run: true })
  expect(plan.skips).toEqual(['allow_older'])
  const log = await readFile(join(world.directory, 'audit.jsonl'), 'utf8')
  const lines = log.split('\n').filter((line) => line.includes('"allow_older":true'))
  const told = lines.map((line) => (JSON.parse(line) as AuditedChecks).operation)
  expect(told).toEqual(['validate_deployment', 'deploy_to_staging', 'promote_to_production'])
})

it('shows an approval by its id and any other token by its hash, even one that begins like an id', () => {
  const { call } = makeWorld()
  const id = `apr_${'0'.repeat(26)}`
  expect(tokenLabel(call, id)).toBe(id)
  for (const secret of ['letmein-letmein', 'apr_wrong-but-secret', `${id}x`]) {
    expect(tokenLabel(call, secret)).toMatch(/^sha256:[0-9a-f]{12}$/)
  }
})
