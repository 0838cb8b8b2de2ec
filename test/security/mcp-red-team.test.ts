import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openWorkshop, type Workshop } from '../support/small-project.ts'
import { attempts, rawLines, type Attempts } from './mcp-attempts.ts'
import { hiddenIn } from './hidden.ts'
import type { Session } from './mcp-session.ts'
import { leaks } from './secrets.ts'
import { assistant, plantBranches, setScene, type Scene } from './strict-scene.ts'

// An assistant that somebody talked into it tries to reach production through MCP, in strict mode.

let shop: Workshop
let scene: Scene
let before: unknown
let stderr = ''
const sessions = new Map<string, Session>()

beforeAll(async () => {
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  shop = await openWorkshop()
  const $injected_branch = await plantBranches(shop)
  scene = await setScene(shop)
  Object.assign(scene.props, { $injected_branch })
  before = await scene.production()
})

afterAll(async () => {
  vi.restoreAllMocks()
  await scene?.close()
  await shop?.close()
})

async function sessionOf(client: string): Promise<Session> {
  const session = sessions.get(client) ?? (await scene.session(client))
  sessions.set(client, session)
  return session
}

/** With the props of the scene in their places, names of arguments included. */
function filled(text: string): string {
  return Object.entries(scene.props)
    .toSorted(([left], [right]) => right.length - left.length)
    .reduce((all, [name, value]) => all.replaceAll(name, JSON.stringify(value).slice(1, -1)), text)
}

async function expectNothingHappened(answer: string): Promise<void> {
  expect(await scene.production()).toEqual(before)
  expect(leaks(answer, scene.secrets)).toEqual([])
  expect(hiddenIn(answer)).toEqual([])
}

/** A few at once: so they also race each other. Fewer than gonogo allows a caller in a row. */
const atOnce = 4

async function expectStopped({ stopped, client = assistant, calls }: Attempts): Promise<void> {
  const session = await sessionOf(client)
  for (let first = 0; first < calls.length; first += atOnce) {
    scene.forget()
    const some = calls.slice(first, first + atOnce)
    const answers = some.map(([tool, args]) =>
      session.call(tool, JSON.parse(filled(JSON.stringify(args)))),
    )
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect(answer, JSON.stringify(some[index])).toMatch(stopped)
      await expectNothingHappened(answer)
    }
  }
}

describe('through MCP, in strict mode, nothing reaches production and no secret comes out', () => {
  it('lines that no client would send', async () => {
    const session = await sessionOf(assistant)
    for (const [index, line] of rawLines.entries()) {
      scene.forget()
      const id = 9000 + index
      const answer = await session.raw(filled(line.replace('ID', String(id))), id)
      await expectNothingHappened(answer)
    }
  })

  it.each(attempts)('$what', expectStopped)

  it('were more than a hundred attempts', () => {
    const count = attempts.reduce((sum, { calls }) => sum + calls.length, rawLines.length)
    expect(count).toBeGreaterThan(100)
  })

  it('shows no secret in the audit log, the store, the logs of runs or on standard error', async () => {
    expect(leaks(stderr, scene.secrets)).toEqual([])
    const state = join(scene.project.root, 'state')
    const files = await readdir(state, { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile())) {
      const text = await readFile(join(file.parentPath, file.name), 'latin1')
      expect(leaks(text, scene.secrets), file.name).toEqual([])
    }
  })

  it('never makes gonogo ask an address that a caller named', () => {
    expect(scene.canary.strangers()).toEqual([])
  })

  it('lets through what a person approved', async () => {
    const session = await sessionOf(assistant)
    // The last look at everything let a test fail on purpose.
    await session.call('run_smoke_tests', { environment: 'staging' })
    const asked = await session.call('promote_to_production', { staging_version: 'v2' })
    const [id = asked] = /apr_[0-9a-z]{26}/.exec(asked) ?? []
    await scene.approve(id)
    const approved = { staging_version: 'v2', approval_token: id }
    expect(await session.call('promote_to_production', approved)).toMatch(/in_progress|queued/)
    await scene.settled()
    expect(await scene.production()).not.toEqual(before)
  })
})
