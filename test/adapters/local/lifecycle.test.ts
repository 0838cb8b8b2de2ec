import { readFile, stat, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLocalPipeline } from '../../../src/adapters/local/pipeline.ts'
import type { RunRequest } from '../../../src/ports/pipeline.ts'
import {
  claimedPid,
  createBench,
  ended,
  killAt,
  runnerCommand,
  startMain,
  step,
  until,
  witnessed,
  type Bench,
} from './harness.ts'

let bench: Bench
beforeEach(async () => void (bench = await createBench()))
afterEach(() => bench[Symbol.asyncDispose]())

/** A step whose child holds the pipes and outlives it; the child's pid goes to the witness file. */
const hanging = (seconds = 60) => step('hang', 'sleep 60 & echo $! >> "$WITNESS"; wait', seconds)

const environmentWith = (...steps: ReturnType<typeof step>[]) =>
  bench.environment({ prepare: steps, activate: [witnessed('activated')] })

async function grandchild(): Promise<number> {
  return until(
    'the step to start its child',
    async () => Number((await bench.witnesses())[0]) || null,
  )
}

/** Until then a runner that is killed cannot tell which process it leaves behind. */
async function recordedStep(id: string): Promise<void> {
  await until('the step to be recorded', async () =>
    (await readFile(bench.runPath(id, 'progress.json'), 'utf8')).includes('start_time'),
  )
}

async function isGone(pid: number): Promise<boolean> {
  return (await bench.processes.startTime(pid)) === null
}

/** Starts a run from a process of its own. */
function startElsewhere(request: RunRequest, env: Record<string, string> = {}) {
  const { stateDirectory, repository } = bench.deps
  const places = { request, stateDirectory, repository, runnerCommand }
  return bench.processes.run([process.execPath, startMain, JSON.stringify(places)], {
    env: { ...bench.deps.baseEnvironment, ...env },
    timeoutMs: 20_000,
  })
}

describe('starting', () => {
  it('carries a run out once, also when two processes start it at the same time', async () => {
    const request = bench.request(bench.environment({ activate: [witnessed('activated')] }))
    const results = await Promise.all([1, 2, 3].map(() => startElsewhere(request)))
    for (const { exitCode, stdout } of results) {
      expect(exitCode).toBe(0)
      expect(JSON.parse(Buffer.from(stdout).toString()).run_id).toBe(request.deployment.id)
    }
    expect(await ended(bench.pipeline, request.deployment)).toMatchObject({
      state: 'succeeded',
    })
    expect(await bench.pipeline.start(request)).toMatchObject({ state: 'succeeded' })
    expect(await bench.witnesses()).toEqual(['activated'])
  })

  it.each(['local.request-written', 'local.runner-spawned'])(
    'can be started again after the starter was killed at %s, and runs once',
    async (point) => {
      const request = bench.request(bench.environment({ activate: [witnessed('activated')] }))
      const killed = await startElsewhere(request, killAt(point))
      expect(killed.signal).toBe('SIGKILL')

      await bench.pipeline.start(request)
      expect(await ended(bench.pipeline, request.deployment)).toMatchObject({
        state: 'succeeded',
      })
      expect(await bench.witnesses()).toEqual(['activated'])
    },
  )

  it('fails when the runner cannot start, and stays that way for a late runner', async () => {
    const request = bench.request(bench.environment({ activate: [witnessed('activated')] }))
    const broken = createLocalPipeline({ ...bench.deps, runnerCommand: ['/no/such/runner'] })
    await expect(broken.start(request)).rejects.toMatchObject({
      code: 'run_not_started',
      hint: expect.stringContaining('runner.log'),
    })

    const late = await bench.processes.run([...runnerCommand, bench.runPath(request.deployment.id)])
    expect(late.exitCode).toBe(0)
    expect(await bench.pipeline.find(request.deployment)).toMatchObject({
      state: 'refused',
      switched: false,
      cause: expect.stringContaining('cannot start /no/such/runner'),
    })
    expect(await bench.witnesses()).toEqual([])
  })

  it('fails at once when the runner dies before it claims the run', async () => {
    const dying = createLocalPipeline({
      ...bench.deps,
      runnerCommand: [process.execPath, '-e', 'console.error("no way"); process.exit(7)'],
    })
    const request = bench.request(bench.environment())
    await expect(dying.start(request)).rejects.toMatchObject({
      code: 'run_not_started',
      message: expect.stringContaining('ended before it claimed the run'),
    })
    const log = await readFile(bench.runPath(request.deployment.id, 'runner.log'), 'utf8')
    expect(log).toContain('no way')
  })

  it('fails when the state directory cannot be written', async () => {
    await writeFile(bench.place('file'), '')
    const homeless = createLocalPipeline({ ...bench.deps, stateDirectory: bench.place('file') })
    await expect(homeless.start(bench.request(bench.environment()))).rejects.toMatchObject({
      code: 'run_not_started',
    })
  })
})

describe('a runner that is killed', () => {
  it('has switched when the link says so, recorded or not', async () => {
    const pipeline = createLocalPipeline({
      ...bench.deps,
      ownEnvironment: killAt('runner.switched'),
    })
    const request = bench.request(bench.environment({}, { pass_env: ['GONOGO_TEST_KILL_AT'] }))
    await bench.finish(request, pipeline)
    const unaware = { step: null, process: null, switched: false }
    const progress = bench.runPath(request.deployment.id, 'progress.json')
    await writeFile(progress, JSON.stringify(unaware))
    const run = await bench.pipeline.find(request.deployment)
    expect(run).toMatchObject({ state: 'lost', switched: true })
  })

  it('leaves a step behind that cancelling ends', async () => {
    const request = bench.request(environmentWith(hanging()))
    await bench.pipeline.start(request)
    const child = await grandchild()
    await recordedStep(request.deployment.id)
    process.kill(await claimedPid(bench, request.deployment.id), 'SIGKILL')
    expect(await ended(bench.pipeline, request.deployment)).toMatchObject({
      state: 'lost',
      step: 'hang',
    })
    expect(await isGone(child)).toBe(false)

    expect(await bench.pipeline.cancel(request.deployment)).toMatchObject({ state: 'lost' })
    expect(await isGone(child)).toBe(true)
  })

  it.runIf(process.platform === 'linux')(
    'leaves a step behind that is found although its pid was never written down',
    async () => {
      const pipeline = createLocalPipeline({
        ...bench.deps,
        ownEnvironment: killAt('runner.step-started'),
      })
      const where = bench.environment(
        { prepare: [hanging()] },
        { pass_env: ['GONOGO_TEST_KILL_AT'] },
      )
      const request = bench.request(where)
      await pipeline.start(request)
      const child = await grandchild()
      expect(await ended(bench.pipeline, request.deployment)).toMatchObject({ state: 'lost' })
      expect(await isGone(child)).toBe(false)

      expect(await bench.pipeline.cancel(request.deployment)).toMatchObject({ state: 'lost' })
      expect(await isGone(child)).toBe(true)
    },
  )

  it('leaves alone what a finished step left running', async () => {
    const pipeline = createLocalPipeline({
      ...bench.deps,
      ownEnvironment: killAt('runner.prepared'),
    })
    const service = step('serve', 'sleep 60 >&2 & echo $! >> "$WITNESS"')
    const where = bench.environment({ prepare: [service] }, { pass_env: ['GONOGO_TEST_KILL_AT'] })
    const request = bench.request(where)
    await bench.finish(request, pipeline)
    await bench.pipeline.cancel(request.deployment)
    const pid = await grandchild()
    expect(await isGone(pid)).toBe(false)
    process.kill(pid, 'SIGKILL')
  })

  it('is lost even when its pid belongs to another process by now', async () => {
    const request = bench.request(bench.environment())
    await startElsewhere(request, killAt('local.request-written'))
    const claim = { pid: process.pid, start_time: 'another time' }
    await writeFile(bench.runPath(request.deployment.id, 'claim.json'), JSON.stringify(claim))
    expect(await bench.pipeline.find(request.deployment)).toMatchObject({ state: 'lost' })
    // And this process, which has the pid now, survives the cancelling.
    expect(await bench.pipeline.cancel(request.deployment)).toMatchObject({ state: 'lost' })
  })
})

describe('a step that hangs', () => {
  it('is ended with its children when its time is up', async () => {
    const request = bench.request(environmentWith(hanging(0.5)))
    expect(await bench.finish(request)).toMatchObject({
      state: 'failed',
      step: 'hang',
      cause: 'step hang took longer than its 0.5 s and was ended',
      switched: false,
    })
    expect(await isGone(await grandchild())).toBe(true)
  })
})

describe('cancelling', () => {
  it('ends a running step and its children, and says how far the run had come', async () => {
    const where = bench.environment({
      activate: [hanging()],
    })
    const request = bench.request(where)
    await bench.pipeline.start(request)
    const child = await grandchild()
    expect(await bench.pipeline.find(request.deployment)).toMatchObject({
      state: 'running',
      step: 'hang',
      cause: null,
      switched: true,
    })

    expect(await bench.pipeline.cancel(request.deployment)).toMatchObject({
      state: 'cancelled',
      step: 'hang',
      switched: true,
    })
    expect(await isGone(child)).toBe(true)
    expect(await isGone(await claimedPid(bench, request.deployment.id))).toBe(true)
    expect(await bench.logOf(request.deployment.id)).toMatch(/== cancelled ==\n$/)
  })

  it('kills a runner that does not react, with its step', async () => {
    const { processes } = bench
    const impatient = createLocalPipeline({
      ...bench.deps,
      processes: { ...processes, endGroup: (pid) => processes.endGroup(pid, 200) },
    })
    const request = bench.request(environmentWith(hanging()))
    await impatient.start(request)
    const child = await grandchild()
    await recordedStep(request.deployment.id)
    process.kill(await claimedPid(bench, request.deployment.id), 'SIGSTOP')

    expect(await impatient.cancel(request.deployment)).toMatchObject({
      state: 'cancelled',
      cause: expect.stringContaining('was killed'),
      switched: false,
    })
    expect(await isGone(child)).toBe(true)
  })

  it('keeps a run that was never started from ever starting', async () => {
    const request = bench.request(bench.environment({ activate: [witnessed('activated')] }))
    const refused = { state: 'refused', cause: 'cancelled before it started', switched: false }
    expect(await bench.pipeline.cancel(request.deployment)).toMatchObject(refused)
    await expect(bench.pipeline.start(request)).rejects.toMatchObject({ code: 'run_not_started' })
    expect(await bench.pipeline.find(request.deployment)).toMatchObject(refused)
    expect(await bench.witnesses()).toEqual([])
  })

  it('changes nothing about a run that has ended', async () => {
    const request = bench.request(bench.environment())
    const run = await bench.finish(request)
    expect(await bench.pipeline.cancel(request.deployment)).toEqual(run)
  })
})

describe('a step that prints without end', () => {
  it('fills neither memory nor disk', async () => {
    const script = 'head -c 200000000 /dev/zero | tr "\\0" "x"; echo done >> "$WITNESS"'
    const request = bench.request(
      bench.environment(
        { prepare: [step('noisy', script)], activate: [step('quiet', 'echo unheard')] },
        { env_file: bench.place('env') },
      ),
    )
    await writeFile(bench.place('env'), 'SECRET=xyz-something\n')
    expect(await bench.finish(request)).toMatchObject({ state: 'succeeded' })
    expect(await bench.witnesses()).toEqual(['done'])

    const mebibyte = 1024 * 1024
    const { size } = await stat(bench.runPath(request.deployment.id, 'log'))
    expect(size).toBeGreaterThan(64 * mebibyte)
    expect(size).toBeLessThan(65 * mebibyte)
    const { text } = await bench.pipeline.log(request.deployment, { maxBytes: 200 })
    expect(text).toMatch(
      /x\n== output beyond 64 MiB is dropped ==\n== activate: quiet ==\n== succeeded ==\n$/,
    )
    const said = await until('the runner to report its memory', async () =>
      /max_rss_kib":(\d+)/.exec(
        await readFile(bench.runPath(request.deployment.id, 'runner.log'), 'utf8'),
      ),
    )
    expect(Number(said[1]) * 1024).toBeLessThan(200 * mebibyte)
  })
})
