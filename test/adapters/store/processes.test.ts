import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { dumpStore } from '../../support/dump-store.ts'
import { firstStore } from './first-store.ts'
import { storeIn, temporaryDirectory } from './fixture.ts'
import { deployment, lock } from './rows.ts'
import type { Answer, Command } from './worker.ts'

const program = join(import.meta.dirname, 'worker.ts')

/** A process that obeys commands until the test ends. */
function startWorker() {
  const child = fork(program, { execArgv: [] })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  let last = 0
  return {
    child,
    async call(name: Command['name'], directory: string, who = '', times = 1): Promise<unknown> {
      const id = ++last
      child.send({ id, name, directory, who, times } satisfies Command)
      const answer = await answerTo(child, id)
      if ('error' in answer) throw new Error(answer.error)
      return answer.result
    },
  }
}

function answerTo(child: ChildProcess, id: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the worker died'))
    const onMessage = (answer: Answer) => {
      if (answer.id !== id) return
      child.off('message', onMessage).off('exit', onExit)
      resolve(answer)
    }
    child.on('message', onMessage).on('exit', onExit)
  })
}

const startWorkers = (count: number) => Array.from({ length: count }, startWorker)

test('processes that create one store at the same time all succeed', async () => {
  const workers = startWorkers(2)
  for (let round = 0; round < 50; round++) {
    const directory = join(temporaryDirectory(), 'state')
    const taken = await Promise.all(
      workers.map((worker, index) => worker.call('create', directory, `environment-${index}`)),
    )
    expect(taken).toEqual([true, true])
    const dump = dumpStore(directory)
    expect(dump['locks']).toHaveLength(2)
    expect(dump['schema_version']).toEqual(
      [1, 2, 3, 4].map((version) => ({ version, applied_at: expect.any(Number) })),
    )
  }
})

test('processes that find the store of an earlier gonogo at the same time all succeed', async () => {
  const workers = startWorkers(2)
  for (let round = 0; round < 5; round++) {
    const directory = await firstStore()
    const taken = await Promise.all(
      workers.map((worker, index) => worker.call('create', directory, `environment-${index}`)),
    )
    expect(taken).toEqual([true, true])
    expect(dumpStore(directory)).toMatchObject({
      deployments: [{ id: 'dep_1' }],
      schema_version: [
        { version: 1, applied_at: 7 },
        { version: 2 },
        { version: 3 },
        { version: 4 },
      ],
      trusted_policies: [],
    })
  }
})

describe('several processes', () => {
  test('read and then write the same row without losing or failing one write', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    await store.write(({ deployments }) => deployments.insert(deployment('dep_1')))
    await Promise.all(startWorkers(3).map((worker) => worker.call('increment', directory, '', 25)))
    const row = await store.read(({ deployments }) => deployments.get('dep_1'))
    expect(row?.attempt).toBe(75)
  })

  test('claim every due row exactly once per lease', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    const ids = Array.from({ length: 40 }, (_, index) => `dep_${index + 10}`)
    await store.write(async ({ deployments }) => {
      for (const id of ids) await deployments.insert(deployment(id))
    })
    const claimed = await Promise.all(
      startWorkers(3).map((worker, index) => worker.call('claimAll', directory, `worker ${index}`)),
    )
    // A worker that came late may have got none; together they got each row once.
    const inOrder = (claimed.flat() as string[]).toSorted((left, right) => (left < right ? -1 : 1))
    expect(inOrder).toEqual(ids)
    const { rows } = await store.read(({ deployments }) => deployments.list({ limit: 100 }))
    expect(rows.map((row) => row.fence)).toEqual(ids.map(() => 1))
  })
})

test('a process killed in the middle of a write leaves a usable store and nothing of that write', async () => {
  const directory = temporaryDirectory()
  const store = storeIn(directory)
  await store.write(async ({ deployments, locks }) => {
    await deployments.insert(deployment('dep_1'))
    await locks.take(lock('production'))
  })
  const before = dumpStore(directory)
  const { child } = startWorker()
  child.send({ id: 1, name: 'stopInside', directory, who: '', times: 1 } satisfies Command)
  expect(await answerTo(child, 0)).toEqual({ id: 0, result: 'inside' })
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  expect(dumpStore(directory)).toEqual(before)
  expect(await store.write(({ locks }) => locks.take(lock('staging')))).toBe(true)
})
