import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { runCli } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { useDirectories } from '../config/directory.ts'

const directory = useDirectories()

async function run(...args: string[]) {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const home = directory()
  const surface = {
    version: '0',
    cwd: home,
    env: { HOME: home },
    command: ['/opt/node', '/opt/gonogo/dist/main.js'],
    out,
    err,
    input: new PassThrough(),
    interrupted: new AbortController().signal,
  } as unknown as Surface
  const exit = await runCli(args, surface)
  return { exit, err: String(err.read() ?? '') }
}

it.each(['--uninstall', '--print', '--dry-run'])(
  'does not pass over %s without a client',
  async (flag) => {
    const { exit, err } = await run('install', flag)
    expect([exit, err]).toEqual([2, expect.stringContaining(`--client CLIENT ${flag}`)])
  },
)

it.each([
  ['install', '--client', 'cursor', '--print', '--uninstall'],
  ['init', '--demo', '--overwrite'],
  ['init', '--demo', '--pipeline', 'local'],
])('refuses options that cannot both be meant: %s %s %s %s %s', async (...args) => {
  const { exit, err } = await run(...args.filter((word) => word !== undefined))
  expect([exit, err]).toEqual([2, expect.stringContaining('cannot be used with')])
})
