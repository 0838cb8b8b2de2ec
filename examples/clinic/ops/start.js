// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../src/command.js'
import { serverVariables } from '../src/config.js'
import { runningProcess } from '../src/pid-file.js'
import { releaseDirectory } from '../src/release.js'
import { openLog } from './log.js'

const patience = 10_000

/**
 * @typedef {import('../src/config.js').Config} Config
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 */

/**
 * @param {Config} config
 * @param {NodeJS.ProcessEnv} env
 */
export async function start({ data, port }, env) {
  const running = runningProcess(data)
  if (running) throw new Refusal(`already running as pid ${running.pid}; use restart`)
  const log = openLog(data)
  const child = await launch(env, log.descriptor)
  if (await isReady(child, port)) {
    child.unref()
    console.log(`started, pid ${child.pid}, release ${releaseDirectory}`)
    return
  }
  child.kill('SIGKILL')
  throw new Refusal(`the server did not start; ${log.path} ends:\n${log.tail()}`)
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {number} log
 */
async function launch(env, log) {
  const child = spawn(process.execPath, [join(releaseDirectory, 'src', 'server.js')], {
    cwd: releaseDirectory,
    detached: true,
    env: Object.fromEntries(serverVariables.map((name) => [name, env[name]])),
    stdio: ['ignore', log, log],
  })
  await once(child, 'spawn')
  return child
}

/**
 * @param {ChildProcess} child
 * @param {number} port
 */
async function isReady(child, port) {
  const deadline = performance.now() + patience
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    if ((await answeringPid(port)) === child.pid) return true
    await sleep(50)
  }
  return false
}

/**
 * @param {number} port
 * @returns {Promise<number | undefined>}
 */
async function answeringPid(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/api`, {
      signal: AbortSignal.timeout(1000),
    })
    return /** @type {{ pid?: number }} */ (await response.json()).pid
  } catch {
    return undefined
  }
}
