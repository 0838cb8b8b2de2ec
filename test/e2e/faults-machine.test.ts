import { execFile } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../../src/ports/context.ts'
import { mainFile } from '../support/clinic.ts'
import { processesOf } from '../support/processes-of.ts'
import type { EnvironmentConfig, SmallConfig } from '../support/small-config.ts'
import {
  openWorkshop,
  type Answer,
  type SmallProject,
  type Workshop,
} from '../support/small-project.ts'

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop.close())

/** Approval is a matter of other tests. */
const unguarded = (change: (production: EnvironmentConfig) => void = () => undefined) => ({
  approval: 'none' as const,
  configure: ({ environments }: SmallConfig) => change(environments['production']!),
})

function impatient({ local }: EnvironmentConfig): void {
  local.activate[0]!.timeout_seconds = 1
}

function noisy({ local }: EnvironmentConfig): void {
  const print = 'head -c 200000000 /dev/zero | tr "\\0" x'
  local.prepare = [{ name: 'noise', run: ['sh', '-c', print] }]
}

function smokeOnly(production: EnvironmentConfig): void {
  Object.assign(production, { version: undefined, health: {} })
}

/** Deploys v1 and resolves to the answer of `gonogo status` once it has ended. */
async function deployed(project: SmallProject): Promise<Answer & { duration_ms: number }> {
  const { deployment_id } = await project.tool('promote_to_production', { staging_version: 'v1' })
  await project.ended()
  const { stdout } = await project.gonogo(['status', deployment_id!, '--json'])
  expect(stdout.length).toBeLessThan(8000)
  return JSON.parse(stdout)
}

describe.concurrent('an audit log that cannot be written', () => {
  it.each([
    ['lies below a file', (project: SmallProject) => belowFile(project, 'DEPLOYMENT_AUDIT_LOG')],
    ['is on a full disk', onFullDisk],
  ])('%s: nothing happens, and the approval stays good', async (_what, attempt) => {
    await shop.with({}, async (project) => {
      const token = await project.approved('v1')
      const argv = ['promote', 'v1', '--approval-token', token, '--json']
      const { exitCode, stdout } = await attempt(project)(argv)
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 1,
        stdout: expect.stringContaining('audit_unavailable'),
      })
      expect(await processesOf(project.root)).toEqual([])
      expect(await project.tool('list_deployments', {})).toMatchObject({ deployments: [] })

      expect(await project.gonogo(argv)).toMatchObject({ exitCode: 0 })
      expect(await project.ended()).toEqual(['success'])
      expect(await project.witnesses()).toHaveLength(2)
    })
  })
})

describe.concurrent('a state directory that cannot be written', () => {
  it('refuses with the reason and the next thing to do', async () => {
    await shop.with(unguarded(), async (project) => {
      const attempt = belowFile(project, 'GONOGO_STATE_DIR')
      for (const argv of [['list'], ['promote', 'v1', '--yes']]) {
        const { exitCode, stdout } = await attempt([...argv, '--json'])
        expect(exitCode).toBe(1)
        const { error } = JSON.parse(stdout)
        expect(error.code).toMatch(/^(?:store|audit)_unavailable$/)
        expect(error.message).toContain(join(project.root, 'file'))
        expect(error.hint).not.toBe('')
      }
      expect(await project.witnesses()).toEqual([])
    })
  })
})

describe.concurrent('a step that misbehaves', () => {
  it('is ended with its limit when it hangs, and is named', async () => {
    await shop.with(unguarded(impatient), async (project) => {
      await project.obstruct('hang', 'v1')
      expect(await deployed(project)).toMatchObject({
        deployment: { status: 'failure', health_status: 'unknown' },
        failure: {
          phase: 'running',
          step: 'activate',
          cause: 'step activate took longer than its 1 s and was ended',
        },
      })
      await project.idle()
    })
  })

  it('prints 200 MB: neither log nor answer grow with it', async () => {
    await shop.with(unguarded(noisy), async (project) => {
      const { deployment } = await deployed(project)
      expect(deployment).toMatchObject({ status: 'success' })
      const log = join(project.root, 'state/runs', deployment.deployment_id, 'log')
      expect((await stat(log)).size).toBeLessThan(65 * 1024 * 1024)
    })
  })
})

describe.concurrent('a service that accepts connections and never answers', () => {
  it('fails the deployment within the time its smoke test has', async () => {
    await shop.with(unguarded(smokeOnly), async (project) => {
      project.live['production']!.mood = 'silent'
      const began = performance.now()
      expect(await deployed(project)).toMatchObject({
        deployment: { status: 'failure', health_status: 'unhealthy' },
        failure: {
          phase: 'verifying',
          step: 'smoke_tests',
          cause: expect.stringContaining('1000 ms'),
        },
      })
      // One second of it is the step's own limit.
      expect(performance.now() - began).toBeLessThan(20_000)
    })
  })
})

type Attempt = (argv: readonly string[]) => Promise<{ exitCode: number | null; stdout: string }>

/** Runs gonogo with a path where no file can be. Not with permissions: those do not stop root. */
function belowFile(project: SmallProject, variable: string): Attempt {
  return async (argv) => {
    await writeFile(join(project.root, 'file'), '')
    return await project.gonogo(argv, { env: { [variable]: join(project.root, 'file/below') } })
  }
}

/** The size of the largest file on a disk that is full for everything but the store's small files. */
const fullAt = 40 * 1024

/** Runs gonogo where the log cannot grow any more. */
function onFullDisk(project: SmallProject): Attempt {
  return async (argv) => {
    await project.within(fillAuditLog)
    const limit = `ulimit -f ${fullAt / 512}; exec "$0" "$@"`
    const args = ['-c', limit, process.execPath, mainFile, ...argv]
    const options = { cwd: project.root, env: project.env, timeout: 30_000 }
    return await new Promise((resolve) => {
      const child = execFile('sh', args, options, (_error, stdout) =>
        resolve({ exitCode: child.exitCode, stdout }),
      )
    })
  }
}

async function fillAuditLog({ audit }: Call): Promise<void> {
  const line = { operation: 'note', user: 'human:ada', environment: null, success: true }
  const rest = { request_id: 'req', correlation_id: null, dry_run: false, approval: null }
  const details = { text: 'x'.repeat(4000) }
  while ((await stat(audit.path)).size < fullAt) {
    await audit.append({ ...line, ...rest, phase: 'result', details })
  }
}
