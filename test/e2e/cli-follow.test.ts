import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mainFile } from '../support/clinic.ts'
import { processesOf } from '../support/processes-of.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { until } from '../support/until.ts'

let shop: Workshop
let project: SmallProject
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({
    environments: ['staging', 'production'],
    configure: (config) => {
      config['tests'] = [{ name: 'slow', run: ['sh', '-c', 'sleep 60'] }]
      config.environments['production']!['checks'] = { tests_passed: 'required' }
    },
  })
})
afterAll(async () => {
  await project.close()
  await shop.close()
})

const gonogo = (...args: string[]) => project.gonogo(args)

/** Runs `work` while a deployment of this version to staging cannot go on; it ends afterwards. */
async function whileUnderWay(version: string, work: (id: string) => Promise<void>): Promise<void> {
  const release = await project.obstruct('hang', version)
  const { deployment_id } = await project.tool('deploy_to_staging', { git_ref: version })
  try {
    await work(deployment_id!)
  } finally {
    await release()
    await until('the deployment to end', async () => {
      const { deployment } = await project.tool('get_deployment_status', { deployment_id })
      return deployment.phase === 'ended'
    })
  }
}

/** Starts gonogo, interrupts it once it has said this on stderr, and waits for its end. */
async function interrupt(args: readonly string[], said: string, signal: NodeJS.Signals = 'SIGINT') {
  const options = { cwd: project.root, env: project.env, timeout: 60_000 }
  const child = spawn(process.execPath, [mainFile, ...args], options)
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => void (output[stream] += text))
  }
  const closed = once(child, 'close')
  await until(said, () => output.stderr.includes(said))
  child.kill(signal)
  const [exitCode] = (await closed) as [number | null]
  return { ...output, exitCode }
}

describe('--watch', () => {
  it('8: follows as long as --timeout says, and the deployment goes on', async () => {
    await whileUnderWay('v1', async (id) => {
      const outcome = await gonogo('status', id, '--watch', '--timeout', '1s', '--json')
      expect(outcome.exitCode).toBe(8)
      expect(outcome.json()).toMatchObject({
        deployment: { deployment_id: id, status: 'in_progress' },
      })
    })
    const { stdout } = await gonogo('list', '--limit', '1')
    expect(stdout).toContain('success')
  })

  it('5: the deployment ended badly, and says what failed', async () => {
    const mend = await project.obstruct('fail', 'v2')
    const { exitCode, stdout, stderr } = await gonogo('deploy', 'v2', '--yes', '--watch')
    await mend()
    expect(exitCode).toBe(5)
    expect(stdout).toMatch(/deploy of v2 to staging: failure in running: activate/)
    expect(stdout).toMatch(/Next: gonogo rollback staging/)
    expect(stderr).toMatch(/dep_\w+ {2}failure/)
    const [id] = /dep_\w+/.exec(stderr)!
    expect((await gonogo('status', id, '--watch', '--json')).exitCode).toBe(5)
    // Asking is not following: the question was answered.
    expect((await gonogo('status', id)).exitCode).toBe(0)
  })

  it('6: somebody else has the environment', async () => {
    await whileUnderWay('v1', async (id) => {
      const outcome = await gonogo('deploy', 'v3', '--yes', '--json')
      expect(outcome.exitCode).toBe(6)
      expect(outcome.json()).toMatchObject({
        error: { code: 'environment_busy', retryable: true, details: { deployment_id: id } },
      })
    })
  })

  it('130: left by Ctrl-C, says how to come back, and the deployment goes on', async () => {
    await whileUnderWay('v1', async (id) => {
      const left = await interrupt(['status', id, '--watch'], 'in_progress')
      expect(left.exitCode).toBe(130)
      expect(left.stderr).toContain(`gonogo status ${id} --watch`)
      const { deployment } = await project.tool('get_deployment_status', { deployment_id: id })
      expect(deployment.status).toBe('in_progress')
    })
  })

  it('130: left by SIGTERM with --json, it is one object that names the deployment', async () => {
    await whileUnderWay('v1', async (id) => {
      const { stdout, exitCode } = await interrupt(
        ['status', id, '--watch', '--json'],
        'in_progress',
        'SIGTERM',
      )
      expect(exitCode).toBe(130)
      expect(JSON.parse(stdout)).toMatchObject({
        schema_version: 1,
        error: { code: 'interrupted', hint: expect.stringContaining(id) },
      })
    })
  })
})

it('130: a validation that is interrupted ends its tests, too', async () => {
  const { exitCode, stderr } = await interrupt(['validate', 'production', 'v1'], 'tests: slow')
  expect(exitCode).toBe(130)
  expect(stderr).toContain('error (interrupted):')
  await until('the tests to end', async () => {
    const found = await processesOf(project.root)
    return !found.some(({ command }) => command.includes('sleep 60'))
  })
})
