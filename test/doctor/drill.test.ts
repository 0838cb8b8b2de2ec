import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/ports/context.ts'
import { drill } from '../../src/doctor/drill/drill.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { adminToken } from '../support/held.ts'
import { put } from './patient.ts'

/** A server that answers a client's first words. */
const answers = [
  { id: 1, result: { serverInfo: { version: '1.2.3' } } },
  { id: 2, result: { tools: [{}, {}, {}] } },
]

async function drilled(made: World, change: Partial<Call> = {}, said = answers) {
  const principal = { kind: 'automation', name: 'drill' } as const
  const steps = await drill({
    call: { ...made.call, principal, ...change },
    env: {},
    command: ['gonogo'],
    directory: made.directory,
    processes: {
      run: async () => ({
        exitCode: 0,
        signal: null,
        timedOut: false,
        truncated: false,
        stdout: Buffer.from(said.map((line) => `${JSON.stringify(line)}\n`).join('')),
        stderr: Buffer.from('it broke\n'),
      }),
    },
  })
  return Object.fromEntries(steps.map((step) => [step.id, step]))
}

const notDone = (steps: Awaited<ReturnType<typeof drilled>>) =>
  Object.values(steps).flatMap((step) => (step.done ? [] : [step.id]))

describe('the drill', () => {
  it('is done in a project where everything is in place', async () => {
    const made = makeWorld()
    const steps = await drilled(made)
    expect(notDone(steps)).toEqual([])
    expect(steps['mcp_server']?.message).toBe('gonogo 1.2.3 offers 3 tools to a client')
    expect(made.probe.asked.some((url) => url.endsWith('smoke'))).toBe(false)
    expect(made.tests.runs + made.dependencies.scans).toBe(0)
  })

  it('leaves the hash of its token in the log and the token nowhere', async () => {
    const made = makeWorld()
    const { audit_line } = await drilled(made)
    const text = readFileSync(made.call.audit.path, 'utf8')
    const [, label] = /(sha256:[0-9a-f]{12}) /.exec(audit_line!.message) ?? []
    expect(text).toContain(`"approval_token":"${label}"`)
    expect(text).not.toMatch(/drill-[0-9a-f]{48}/)
  })

  it('looks at a deployment that nobody watches without starting a keeper', async () => {
    const made = makeWorld()
    await put(made, { status: 'in_progress', phase: 'running' })
    const steps = await drilled(made)
    expect(steps['read_only_calls']?.message).toMatch(/1 on record/)
    expect(made.watched).toEqual([])
  })

  it('tells a server that does not answer with what it said', async () => {
    const steps = await drilled(makeWorld(), {}, [])
    expect(steps['mcp_server']).toMatchObject({ done: false, message: 'it broke' })
  })

  it('tells what is missing, with the change that adds it', async () => {
    const environments = ['staging', 'production'].map((name) =>
      fakeEnvironment(name, { url: null, approval: 'none' }),
    )
    const steps = await drilled(
      makeWorld({ project: fakeProject({ environments }), pipeline: null }),
    )
    expect(steps['smoke']?.fix).toContain('environments.NAME.url')
    expect(steps['wrong_token']?.fix).toBe('set environments.production.approval: required')
    expect(steps['deploy']?.message).toContain('no pipeline is configured')
    expect(notDone(steps)).toEqual(['smoke', 'deploy', 'wrong_token', 'audit_line'])
  })

  it('counts no check that is off among those that would run', async () => {
    const { validate } = await drilled(makeWorld())
    expect(validate?.message).toContain('staging: 6 of 7 checks would run')
  })

  it('counts no check that has nothing to look at, either', async () => {
    const environments = ['staging', 'production'].map((name) =>
      fakeEnvironment(name, { variables: {} }),
    )
    const project = fakeProject({ environments, tests: [] })
    const { validate } = await drilled(makeWorld({ project }))
    expect(validate?.message).toContain('staging: 5 of 7 checks would run')
  })

  it('does not vouch for records that it could not read before', async () => {
    const made = makeWorld()
    let reads = 0
    const store = { ...made.call.store }
    store.read = async (work) => {
      if ((reads += 1) === 1) throw new Error('not open yet')
      return await made.call.store.read(work)
    }
    const { unchanged } = await drilled(made, { store })
    expect(unchanged).toMatchObject({ done: false, message: expect.stringContaining('before') })
  })

  it('brings an older store up to date before it counts what is in it', async () => {
    const made = makeWorld()
    await put(made, { status: 'success', phase: 'ended' })
    const store = { ...made.call.store }
    // As a store of an earlier gonogo is seen by who only looks.
    let isOld = true
    store.read = async (work) => {
      isOld = false
      return await made.call.store.read(work)
    }
    store.inspect = async (work) => {
      const found = await made.call.store.inspect(work)
      return found && isOld ? { ...found, seen: null } : found
    }
    expect((await drilled(made, { store }))['unchanged']).toMatchObject({ done: true })
  })

  it('notices a token that is taken, and records that grew meanwhile', async () => {
    const made = makeWorld()
    const runtime = { ...made.call.runtime, sameSecret: () => true }
    const taken = await drilled(made, { runtime, adminTokens: [adminToken('any')] })
    expect(notDone(taken)).toEqual(['wrong_token'])
    const audit = { ...made.call.audit }
    audit.verify = async () => {
      await put(made, { status: 'success', phase: 'ended' })
      return await made.call.audit.verify()
    }
    expect(notDone(await drilled(made, { audit }))).toEqual(['unchanged'])
  })
})
