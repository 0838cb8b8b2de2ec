import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startClinic, type Clinic } from '../support/clinic.ts'
import { processesOf } from '../support/processes-of.ts'
import { until } from '../support/until.ts'

let clinic: Clinic

beforeAll(async () => {
  clinic = await startClinic({
    // Each program scans by itself: once is enough.
    configure: (yaml) =>
      yaml.replaceAll('    env_file:', '    checks: { security_scan: "off" }\n    env_file:'),
  })
  await clinic.addApprover()
})

afterAll(() => clinic?.close())

interface Ended {
  exitCode: number | null
  /** Everything it said. */
  said: string
}

/** Runs an example; `meanwhile` does what somebody else does when it says something. */
async function example(
  name: string,
  args: readonly string[],
  meanwhile: { sees: RegExp; does: (found: string, pid: number) => unknown } | null = null,
): Promise<Ended> {
  const file = join(import.meta.dirname, '../../examples', `${name}.ts`)
  const argv = [file, '--project', clinic.root, ...args]
  const child = spawn(process.execPath, argv, { env: clinic.env, cwd: clinic.root })
  const ended = Promise.withResolvers<number | null>()
  let said = ''
  let acted: unknown = null
  const hear = (chunk: Buffer) => {
    said += chunk.toString()
    const found = acted === null ? meanwhile?.sees.exec(said) : null
    if (found) acted = meanwhile?.does(found[0], child.pid ?? 0) ?? true
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.once('close', ended.resolve)
  const timeout = setTimeout(() => child.kill('SIGKILL'), 45_000)
  const exitCode = await ended.promise.finally(() => clearTimeout(timeout))
  await acted
  return { exitCode, said }
}

const approval = { sees: /apr_\w{26}/, does: (id: string) => clinic.approve(id) }

const liveVersion = async () => {
  const answer = await fetch(`${clinic.project.urls.production}/version`)
  return ((await answer.json()) as { version: string }).version
}

it('are one story: a dry run, a deployment, one that a person leaves, a bad one, a rollback', async () => {
  const dry = await example('dry-run', ['v1.0.0'])
  expect(dry.said).toContain(`activate: restart: ${process.execPath} ops/service.js restart`)
  expect(dry).toMatchObject({ exitCode: 0, said: expect.stringContaining('nothing was started') })
  expect(dry.said).not.toContain('\u001b[')

  const good = await example('standard-deployment', ['v1.0.0'], approval)
  expect(good).toMatchObject({ exitCode: 0, said: expect.stringContaining('approved by ada') })
  expect(await liveVersion()).toBe('v1.0.0')
  const well = await example('emergency-rollback', ['just to see'])
  expect(well).toMatchObject({ exitCode: 0, said: expect.stringContaining('nothing to roll back') })

  const bad = await example('standard-deployment', ['v1.2.0'], approval)
  expect(bad).toMatchObject({ exitCode: 5, said: expect.stringContaining('make an appointment') })
  expect(await liveVersion()).toBe('v1.2.0')

  const interrupt = {
    sees: /an approver has to run/,
    does: (_: string, pid: number) => process.kill(pid, 'SIGINT'),
  }
  const left = await example('emergency-rollback', ['no appointments'], interrupt)
  expect(left).toMatchObject({ exitCode: 130, said: expect.stringMatching(/apr_\w+ stays open/) })
  const back = await example('emergency-rollback', ['no appointments'], approval)
  expect(back).toMatchObject({ exitCode: 0, said: expect.stringContaining('is well again') })
  expect(await liveVersion()).toBe('v1.0.0')

  await until('only the two services to run', async () => {
    const running = await processesOf(clinic.root)
    return (
      running.every(({ command }) => command.includes('server.js')) || delay(100).then(() => null)
    )
  })
}, 90_000)

it('say how they are used, and what is wrong with a release', async () => {
  expect(await example('dry-run', [])).toEqual({
    exitCode: 2,
    said: 'usage: node examples/dry-run.ts --project DIR VERSION\n',
  })
  const red = await example('standard-deployment', ['red'])
  expect(red).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining('not reachable from main'),
  })
})
