import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProcesses } from '../../../src/adapters/process/processes.ts'

const processes = createProcesses()
const sh = (script: string) => ['sh', '-c', script]
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

let directory: string
let started: number[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gonogo-process-'))
  started = []
})
afterEach(async () => {
  for (const pid of started) await processes.endGroup(pid, 0)
  await rm(directory, { recursive: true })
})

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + 10_000
  while (performance.now() < deadline) {
    const answer = await look()
    if (answer !== null) return answer
    await delay(10)
  }
  throw new Error('waited in vain')
}

const file = (name: string) => join(directory, name)
const pidIn = (name: string) =>
  until(async () => Number(await readFile(file(name), 'utf8').catch(() => '')) || null)
const isGone = async (pid: number) => (await processes.startTime(pid)) === null

describe('running a program', () => {
  it('keeps stdout and stderr apart and reports the exit code', async () => {
    const result = await processes.run(sh('echo out; echo err >&2; pwd; exit 3'), { cwd: '/' })
    expect(result).toMatchObject({ exitCode: 3, signal: null, timedOut: false, truncated: false })
    expect(text(result.stdout)).toBe('out\n/\n')
    expect(text(result.stderr)).toBe('err\n')
  })

  it('passes arguments as they are', async () => {
    const argument = 'a b; echo $HOME "\'*'
    const result = await processes.run(['printf', '%s', argument])
    expect(text(result.stdout)).toBe(argument)
  })

  it('feeds the input, and does not mind a program that does not read it', async () => {
    const { stdout } = await processes.run(['cat'], { input: 'hellö' })
    expect(text(stdout)).toBe('hellö')
    const deaf = await processes.run(['true'], { input: Buffer.alloc(1_000_000) })
    expect(deaf.exitCode).toBe(0)
  })

  it('gives a program without input an empty one', async () => {
    expect(await processes.run(['cat'], { timeoutMs: 5000 })).toMatchObject({ exitCode: 0 })
  })

  it('reports the signal that ended a program', async () => {
    expect(await processes.run(sh('kill -9 $$'))).toMatchObject({
      exitCode: null,
      signal: 'SIGKILL',
    })
  })

  it('hands each chunk over with the stream it came from', async () => {
    const seen: string[] = []
    await processes.run(sh('echo out; echo err >&2'), {
      maxBytes: 0,
      onOutput: (chunk, stream) => seen.push(`${stream}:${text(chunk)}`),
    })
    expect(seen.toSorted()).toEqual(['stderr:err\n', 'stdout:out\n'])
  })
})

describe('what cannot be started', () => {
  it.each([
    [['gonogo-no-such-program'], {}, /no such program/],
    [['/etc/passwd'], {}, /not executable/],
    [['true'], { cwd: '/no/such/directory' }, /working directory/],
    [['echo', 'a\0b'], {}, /null byte/],
    [[], {}, /empty command/],
  ])('%j %j fails with missing_program', async (argv, options, message) => {
    await expect(processes.run(argv, options)).rejects.toMatchObject({
      code: 'missing_program',
      message: expect.stringMatching(message),
    })
  })

  it('does not repeat a value in the error', async () => {
    const error = await processes.run(['true'], { env: { TOKEN: 's3cret\0' } }).catch(String)
    expect(error).not.toContain('s3cret')
  })
})

describe('the environment of a program', () => {
  it('is an allow-list unless one is given', async () => {
    const added = ['GONOGO_TEST_SECRET', 'SSH_AUTH_SOCK'].filter((name) => !process.env[name])
    for (const name of added) process.env[name] = 'value'
    try {
      const { stdout } = await processes.run(['env'])
      const names = text(stdout)
        .trim()
        .split('\n')
        .map((line) => line.split('=')[0])
      expect(names).toContain('PATH')
      const allowed = 'PATH HOME USER LOGNAME LANG LC_ALL TZ TMPDIR SHELL'.split(' ')
      expect(names.filter((name) => !allowed.includes(name!))).toEqual([])
    } finally {
      for (const name of added) delete process.env[name]
    }
  })

  it('is exactly the one that is given', async () => {
    const { stdout } = await processes.run(['/usr/bin/env'], { env: { ONLY: 'this' } })
    expect(text(stdout)).toBe('ONLY=this\n')
  })
})

// The child holds the pipes, so that ending only the program itself would leave us waiting.
const withChild = () => sh(`sleep 60 & echo $! > ${file('child')}; wait`)

describe('limits', () => {
  it('ends the whole group when the time is up', async () => {
    const result = await processes.run(withChild(), { timeoutMs: 300 })
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGTERM', timedOut: true })
    expect(await isGone(await pidIn('child'))).toBe(true)
  })

  it('does not call a program successful that left with 0 because its time was up', async () => {
    const polite = sh('trap "exit 0" TERM; sleep 60 & wait')
    const result = await processes.run(polite, { timeoutMs: 300 })
    expect(result).toMatchObject({ exitCode: null, timedOut: true })
  })

  it('ends the whole group and rejects when the caller gives up', async () => {
    const reason = new Error('cancelled')
    const controller = new AbortController()
    const running = processes.run(withChild(), { signal: controller.signal })
    const child = await pidIn('child')
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
    expect(await isGone(child)).toBe(true)
    await expect(processes.run(['true'], { signal: controller.signal })).rejects.toBe(reason)
  })

  it('does not wait for what a program leaves running, nor end it', async () => {
    const result = await processes.run(sh(`sleep 60 & echo $! > ${file('child')}; echo done`), {
      onStart: (pid) => started.push(pid),
      timeoutMs: 30_000,
    })
    expect(result).toMatchObject({ exitCode: 0, timedOut: false })
    expect(text(result.stdout)).toBe('done\n')
    expect(await isGone(await pidIn('child'))).toBe(false)
  })

  it('keeps the beginning of long output', async () => {
    const result = await processes.run(sh('echo 123456789; echo oops >&2'), { maxBytes: 5 })
    expect(text(result.stdout)).toBe('12345')
    expect(text(result.stderr)).toBe('oops\n')
    expect(result.truncated).toBe(true)
  })

  it('reads 200 MB without keeping them', async () => {
    const module = new URL('../../../src/adapters/process/processes.ts', import.meta.url)
    await writeFile(
      file('reader.mjs'),
      `import { createProcesses } from ${JSON.stringify(fileURLToPath(module))}
       let read = 0
       let rss = 0
       const { stdout, truncated } = await createProcesses().run(['head', '-c', '200000000', '/dev/zero'], {
         onOutput: (chunk) => {
           read += chunk.length
           // Not the most that the system remembers: that begins with the size of who started this.
           rss = Math.max(rss, process.memoryUsage.rss())
         },
       })
       console.log(JSON.stringify({ read, kept: stdout.length, truncated, rss }))`,
    )
    const { stdout } = await processes.run([process.execPath, file('reader.mjs')])
    const { rss, ...sizes } = JSON.parse(text(stdout))
    expect(sizes).toEqual({ read: 200_000_000, kept: 8 * 1024 * 1024, truncated: true })
    expect(rss).toBeLessThan(180_000_000)
  })
})

describe('a detached program', () => {
  it('runs in a group of its own and writes to its log', async () => {
    const log = file('log')
    const pid = await processes.detach(sh('echo $ONLY; echo err >&2; pwd; sleep 60'), {
      cwd: '/',
      env: { ...process.env, ONLY: 'this' } as Record<string, string>,
      logFile: log,
    })
    started.push(pid)
    expect(await until(async () => (/\/\n/.test(await readFile(log, 'utf8')) ? true : null))).toBe(
      true,
    )
    expect(await readFile(log, 'utf8')).toBe('this\nerr\n/\n')
    expect((await stat(log)).mode & 0o777).toBe(0o600)
    expect(() => process.kill(-pid, 0)).not.toThrow()
  })

  it('outlives the process that started it', async () => {
    const module = new URL('../../../src/adapters/process/processes.ts', import.meta.url)
    await writeFile(
      file('starter.mjs'),
      `import { createProcesses } from ${JSON.stringify(fileURLToPath(module))}
       console.log(await createProcesses().detach(['sleep', '60'], {
         cwd: '/', env: process.env, logFile: ${JSON.stringify(file('log'))} }))`,
    )
    const { stdout } = await processes.run([process.execPath, file('starter.mjs')])
    const pid = Number(text(stdout))
    started.push(pid)
    expect(await isGone(pid)).toBe(false)
  })

  it('fails when the program is missing', async () => {
    const options = { cwd: directory, env: {}, logFile: file('log') }
    await expect(processes.detach(['/no/such/program'], options)).rejects.toMatchObject({
      code: 'missing_program',
    })
  })
})

describe('telling processes apart', () => {
  it('is constant for a process and differs from a later one', async () => {
    const own = await processes.startTime(process.pid)
    expect(own).not.toBeNull()
    expect(await processes.startTime(process.pid)).toBe(own)
    const pid = await processes.detach(['sleep', '60'], {
      cwd: '/',
      env: { PATH: process.env['PATH']! },
      logFile: file('log'),
    })
    started.push(pid)
    expect(await processes.startTime(pid)).not.toBe(own)
  })

  it.each([0, -1, 2 ** 30, Number.NaN])('knows of no process %d', async (pid) => {
    expect(await processes.startTime(pid)).toBeNull()
  })

  it('counts a zombie as gone', async () => {
    // exec replaces the shell, which was the only one to collect the child, by a program that does not.
    const parent = sh(`sh -c 'echo $$ > ${file('zombie')}; exit' & exec sleep 60`)
    started.push(
      await processes.detach(parent, {
        cwd: '/',
        env: { PATH: process.env['PATH']! },
        logFile: file('log'),
      }),
    )
    const zombie = await pidIn('zombie')
    expect(await until(async () => ((await isGone(zombie)) ? true : null))).toBe(true)
    expect(() => process.kill(zombie, 0)).not.toThrow()
  })
})

describe('ending a group', () => {
  it('kills what does not react to SIGTERM', async () => {
    const script = `trap "" TERM; sh -c 'echo $$ > ${file('child')}; while :; do sleep 1; done'`
    const pid = await processes.detach(sh(script), {
      cwd: '/',
      env: { PATH: process.env['PATH']! },
      logFile: file('log'),
    })
    const child = await pidIn('child')
    await processes.endGroup(pid, 100)
    expect([await isGone(pid), await isGone(child)]).toEqual([true, true])
  })

  it('is harmless when the group has ended, and never addresses everybody', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    await processes.run(['true'], { onStart: resolve })
    await processes.endGroup(await promise)
    await processes.endGroup(0)
    await processes.endGroup(1)
    await processes.endGroup(Number.NaN)
  })
})
