import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { openGit } from '../git.ts'
import type { Execution } from './execution.ts'

const call = promisify(execFile)

/** actions/checkout, from the bare repository. */
export async function checkOut(execution: Execution, settings: Record<string, string>) {
  const { engine, run, workspace } = execution
  const { git, owner, name } = engine.core
  const repository = settings['repository'] ?? `${owner}/${name}`
  if (repository !== `${owner}/${name}`) {
    return { exitCode: 0, log: `stand-in: ${repository} is not checked out` }
  }
  const wanted = settings['ref'] ?? ''
  const sha = wanted === '' ? run.sha : await openGit(git).commit(wanted)
  if (sha === null) {
    return { exitCode: 1, log: `A branch or tag with the name '${wanted}' could not be found` }
  }
  const directory = resolve(workspace, settings['path'] ?? '')
  mkdirSync(directory, { recursive: true })
  const inside = (...args: string[]) =>
    call('git', ['-C', directory, ...args], { env: environment })
  await inside('init', '--quiet')
  await inside('remote', 'add', 'origin', git).catch(() => undefined)
  await inside('fetch', '--quiet', '--tags', 'origin', '+refs/heads/*:refs/remotes/origin/*')
  await inside('checkout', '--quiet', '--force', '--detach', sha)
  return { exitCode: 0, log: `HEAD is now at ${sha}`, outputs: { commit: sha, ref: wanted } }
}

/** Independent of the configuration of whoever runs the tests. */
const environment = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
}
