import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { allowedEnvironment } from '../../../src/adapters/process/environment.ts'
import { parseStat } from '../../../src/adapters/process/process-table.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'

const processes = createProcesses()

it('stays in the session of its terminal, feeds the input and captures stdout only', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gonogo-terminal-'))
  try {
    const module = new URL('../../../src/adapters/process/processes.ts', import.meta.url)
    const main = join(directory, 'main.mjs')
    await writeFile(
      main,
      `import { createProcesses } from ${JSON.stringify(fileURLToPath(module))}
       const script = 'echo prompt >&2; cat; test "$(ps -o pgid= -p $$)" -eq "$(ps -o pgid= -p $PPID)"'
       const { exitCode, stdout } = await createProcesses().run(['sh', '-c', script], {
         terminal: true, input: 'signed' })
       console.log(JSON.stringify({ exitCode, stdout: Buffer.from(stdout).toString() }))`,
    )
    const { stdout, stderr } = await processes.run([process.execPath, main])
    expect(JSON.parse(Buffer.from(stdout).toString())).toEqual({ exitCode: 0, stdout: 'signed' })
    expect(Buffer.from(stderr).toString()).toBe('prompt\n')
  } finally {
    await rm(directory, { recursive: true })
  }
})

it('ends a program at the terminal when its time is up, without ending its own group', async () => {
  const result = await processes.run(['sleep', '60'], { terminal: true, timeoutMs: 100, input: '' })
  expect(result).toMatchObject({ timedOut: true, signal: 'SIGTERM' })
})

it('lends the key agent only to a program a person watches', () => {
  const own = {
    PATH: '/bin',
    SSH_AUTH_SOCK: '/agent',
    GITHUB_TOKEN: 'x',
    DEPLOYMENT_ADMIN_TOKENS: 'x',
    GONOGO_STATE: 'x',
    NODE_OPTIONS: 'x',
    TZ: undefined,
  }
  expect(allowedEnvironment(own)).toEqual({ PATH: '/bin' })
  const behindProxy = { ...own, HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'localhost' }
  expect(allowedEnvironment(behindProxy, { requests: true })).toEqual({
    PATH: '/bin',
    HTTPS_PROXY: 'http://proxy:3128',
    no_proxy: 'localhost',
  })
  expect(allowedEnvironment(own, { terminal: true })).toEqual({
    PATH: '/bin',
    SSH_AUTH_SOCK: '/agent',
  })
})

it('reads a process whose name looks like the fields after it', async () => {
  const own = await readFile('/proc/self/stat', 'latin1').catch(() => null)
  const fields = [
    'S',
    '1',
    '77',
    ...Array.from({ length: 16 }, (_, index) => String(index)),
    '4242',
    '0',
  ]
  expect(parseStat(`12 (a) R 1 (b)) ${fields.join(' ')}\n`)).toEqual({
    group: 77,
    startTicks: '4242',
    zombie: false,
  })
  if (own !== null) expect(parseStat(own).startTicks).toMatch(/^\d+$/)
})
