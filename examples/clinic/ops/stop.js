// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../src/command.js'
import { forgetProcess, isAlive, runningProcess } from '../src/pid-file.js'

/** @typedef {import('../src/pid-file.js').RecordedProcess} RecordedProcess */

const patience = 5000

/** @param {string} data */
export async function stop(data) {
  const running = runningProcess(data)
  if (running === undefined) {
    console.log('not running')
    return
  }
  if (!(await endedBy('SIGTERM', running)) && !(await endedBy('SIGKILL', running))) {
    throw new Refusal(`pid ${running.pid} does not end`)
  }
  forgetProcess(data, running.pid)
  console.log(`stopped, pid ${running.pid}`)
}

/**
 * @param {NodeJS.Signals} signal
 * @param {RecordedProcess} running
 */
async function endedBy(signal, running) {
  const deadline = performance.now() + patience
  send(signal, running)
  while (isAlive(running)) {
    if (performance.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/**
 * @param {NodeJS.Signals} signal
 * @param {RecordedProcess} running
 */
function send(signal, running) {
  try {
    if (isAlive(running)) process.kill(running.pid, signal)
  } catch (error) {
    // It may end between the look and the signal.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}
