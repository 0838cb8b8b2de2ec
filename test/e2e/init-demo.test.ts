import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startAdvisoryRegistry, type AdvisoryRegistry } from '../../examples/advisory-registry.ts'
import { run, type Outcome } from '../support/clinic.ts'
import { endProcessesOf, processesOf } from '../support/processes-of.ts'
import { until } from '../support/until.ts'

let root: string
/** Comes first on the PATH. */
let old: string
let registry: AdvisoryRegistry

beforeAll(async () => {
  // Every character that a shell, YAML or a URL could take for something else.
  root = await realpath(await mkdtemp(join(tmpdir(), "gonogo it's: #1 ")))
  await mkdir(join(root, 'home'))
  // Apart, because a PATH cannot name a directory with a colon.
  old = await mkdtemp(join(tmpdir(), 'gonogo-old-node-'))
  await writeFile(join(old, 'node'), oldNode, { mode: 0o755 })
  registry = await startAdvisoryRegistry()
})

afterAll(async () => {
  await endProcessesOf(root)
  await registry.close()
  for (const directory of [root, old]) await rm(directory, { recursive: true, force: true })
})

/** What a shell may have: good enough for npm, too old for the sample. */
const oldNode = `#!/bin/sh
case " $* " in *" --test"* | *" ops/"* | *"/ops/"*) echo 'node: bad option' >&2; exit 9 ;; esac
exec '${process.execPath}' "$@"
`

function gonogo(...args: string[]): Promise<Outcome> {
  const PATH = `${old}:${process.env['PATH']}`
  const env = { PATH, HOME: join(root, 'home'), LANG: 'C.UTF-8' }
  return run(args, { cwd: root, env })
}

const isService = ({ command }: { command: string }) => command.includes('server.js')

it('makes a sample that can be deployed, stopped and deleted as it says', async () => {
  const made = await gonogo('init', '--demo', '--json')
  const { directory, urls, next } = made.json() as {
    directory: string
    urls: { staging: string }
    next: { run: string; shows: string }[]
  }
  expect(directory).toBe(join(root, 'gonogo-demo'))
  const file = join(directory, 'gonogo.yaml')
  const text = await readFile(file, 'utf8')
  expect(text).toMatch(/^# .*"strict" wants L1[^]*^approvals: \{ mode: standard \}/m)
  await writeFile(file, `${text}security: { npm_registry: "${registry.url}" }\n`)

  const commands = next.map((step) => step.run)
  const inDemo = (command: string) => {
    expect(commands).toContain(command)
    return gonogo(...command.split(' ').slice(1), '--project', 'gonogo-demo')
  }
  const valid = await inDemo('gonogo validate staging v1.0.0')
  expect(valid.stdout, valid.stderr).toMatch(/^GO: v1\.0\.0 for staging is valid/)
  const deployed = await inDemo('gonogo deploy v1.0.0 --yes --watch')
  expect(deployed.exitCode, deployed.stderr).toBe(0)
  expect(await (await fetch(`${urls.staging}/version`)).json()).toMatchObject({ version: 'v1.0.0' })
  expect(await readdir(join(root, 'home'))).not.toContain('.local')

  await until('the keeper to end', async () => {
    const running = await processesOf(root)
    return running.every(isService) || delay(50).then(() => null)
  })
  const env = { ...process.env, PATH: `${old}:${process.env['PATH']}` }
  for (const command of commands.slice(-2))
    await promisify(execFile)('sh', ['-c', command], { env })
  expect(await processesOf(root)).toEqual([])
  expect(await readdir(root)).toEqual(['home'])
})

it('leaves a directory that holds something alone, and nothing half done', async () => {
  const mine = join(root, 'mine')
  await mkdir(mine)
  await writeFile(join(mine, 'notes.txt'), 'mine')
  const taken = await gonogo('init', '--demo', '--project', mine)
  expect(taken).toMatchObject({ exitCode: 2, stdout: '' })
  expect(taken.stderr).toContain(`${mine} is not empty, and is left as it is`)
  expect(await readdir(mine)).toEqual(['notes.txt'])

  const env = { PATH: join(root, 'no-programs'), HOME: join(root, 'home') }
  const without = await run(['init', '--demo', '--json', '--project', 'half'], { cwd: root, env })
  expect(without.json()).toMatchObject({ error: { code: 'missing_program' } })
  expect(await readdir(root)).not.toContain('half')
})
