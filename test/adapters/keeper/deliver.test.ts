import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createKeepers } from '../../../src/adapters/keeper/keepers.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { ownerText, parseOwner } from '../../../src/core/lease-owner.ts'
import type { Processes } from '../../../src/ports/process.ts'

let directory: string
let children: ChildProcess[]
/** What was started, as argument vectors. */
let started: string[][]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gonogo-deliver-'))
  children = []
  started = []
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

/** Starts something that lives for as long as the test lets it. */
async function detach(argv: readonly string[]): Promise<number> {
  started.push([...argv])
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  children.push(child)
  return child.pid!
}

function keepers(processes: Partial<Processes> = {}) {
  return createKeepers({
    processes: { ...createProcesses(), detach, ...processes },
    command: ['node', 'main.js'],
    directory,
    logDirectory: directory,
    env: {},
  })
}

const mark = () => join(directory, 'outbox.owner')

it('starts one process that sends messages, and no other while that one lives', async () => {
  await keepers().deliver()
  await keepers().deliver()
  expect(started).toEqual([['node', 'main.js', 'keep', '--outbox', '--project', directory]])
  const gone = new Promise((resolve) => children[0]!.once('exit', resolve))
  children[0]!.kill('SIGKILL')
  await gone
  await keepers().deliver()
  expect(started).toHaveLength(2)
})

it('starts one again after the first said that it leaves', async () => {
  const courier = keepers()
  await courier.delivers(true)
  await keepers().deliver()
  expect(started).toEqual([])
  await courier.delivers(false)
  await keepers().deliver()
  expect(started).toHaveLength(1)
})

it('takes nobody elsewhere for one that is at it here, and leaves the mark of another alone', async () => {
  const here = parseOwner(await keepers().self())!
  const elsewhere = ownerText({ ...here, machine: 'elsewhere' })
  await writeFile(mark(), elsewhere)
  await keepers().delivers(false)
  expect(await readFile(mark(), 'utf8')).toBe(elsewhere)
  await keepers().deliver()
  expect(started).toHaveLength(1)
})
