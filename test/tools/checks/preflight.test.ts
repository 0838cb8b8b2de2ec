import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/core/failure.ts'
import type { PreflightReport } from '../../../src/core/preflight.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { makeWorld, type World } from '../../support/fake-context.ts'
import { rollBack, stage } from '../support/journey.ts'

const report: PreflightReport = {
  file: '.github/workflows/cd.yml',
  event: 'workflow_dispatch',
  jobs: [{ id: 'deploy', runs: true, reason: 'its needs succeed', environment: 'staging' }],
  findings: [],
  deploys: ['staging'],
  unknown: [],
}

function worldWith(preflight: () => Promise<PreflightReport>): World {
  const world = makeWorld()
  world.pipeline.preflight = preflight
  return world
}

async function validate({ call }: World) {
  const { output } = await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, call)
  const checks = output.checks as {
    check_name: string
    status: string
    ran: boolean
    message: string
  }[]
  const check = checks.find(({ check_name }) => check_name === 'preflight')
  return { valid: output.valid, check }
}

describe('the check preflight', () => {
  it('is not listed where no workflow decides', async () => {
    expect((await validate(makeWorld())).check).toBeUndefined()
  })

  it('passes when the workflow deploys there, and counts what it is warned of', async () => {
    const finding = { rule: 'unpinned-action', line: 3, column: 5, message: 'm', fix: 'f' }
    const world = worldWith(async () => ({
      ...report,
      findings: [{ ...finding, severity: 'warning' }],
    }))
    expect(await validate(world)).toMatchObject({
      valid: true,
      check: {
        status: 'passed',
        message:
          '.github/workflows/cd.yml on workflow_dispatch deploys to staging (1 warning(s): gonogo preflight shows them)',
      },
    })
  })

  it('fails when the job of the environment would be skipped, and says why', async () => {
    const job = {
      id: 'deploy',
      runs: false,
      reason: 'is skipped: needs build',
      environment: 'staging',
    }
    const world = worldWith(async () => ({ ...report, jobs: [job], deploys: [] }))
    expect(await validate(world)).toMatchObject({
      valid: false,
      check: {
        status: 'failed',
        ran: true,
        message: 'no job of it deploys to staging: deploy is skipped: needs build',
      },
    })
  })

  it('names the place of an error, if it has one', async () => {
    const finding = { rule: 'r', severity: 'error' as const, column: 0, message: 'wrong', fix: 'f' }
    const withLine = (line: number) =>
      worldWith(async () => ({ ...report, findings: [{ ...finding, line }] }))
    expect((await validate(withLine(7))).check?.message).toBe('.github/workflows/cd.yml:7: wrong')
    expect((await validate(withLine(0))).check?.message).toBe('.github/workflows/cd.yml: wrong')
  })

  it('is no pass when something about it cannot be known', async () => {
    const world = worldWith(async () => ({ ...report, unknown: ['calls a remote workflow'] }))
    expect(await validate(world)).toMatchObject({
      valid: false,
      check: { status: 'failed', ran: false, message: 'unknown: calls a remote workflow' },
    })
  })

  it('is no pass when the workflow cannot be read', async () => {
    const world = worldWith(async () => {
      throw new Failure({ code: 'pipeline_unavailable', message: 'no answer', hint: 'wait' })
    })
    expect(await validate(world)).toMatchObject({
      valid: false,
      check: { status: 'failed', ran: false, message: 'no answer' },
    })
  })

  it('warns of a rollback and never stops it', async () => {
    let now = report
    const world = worldWith(async () => now)
    await stage(world, 'v1')
    await stage(world, 'v2')
    now = { ...report, deploys: [] }
    const { status, plan } = await rollBack(world.call, { dry_run: true })
    expect(status).toBe('dry_run')
    expect(plan.warnings).toContain(
      'preflight: no job of it deploys to staging: deploy its needs succeed',
    )
  })
})
