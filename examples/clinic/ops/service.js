// @ts-check
import { command, Refusal } from '../src/command.js'
import { dataDirectory, readConfig } from '../src/config.js'
import { runningProcess } from '../src/pid-file.js'
import { start } from './start.js'
import { stop } from './stop.js'

const notRunning = 3

await command(() => {
  const { env } = process
  switch (process.argv[2]) {
    case 'start':
      return start(readConfig(env), env)
    case 'stop':
      return stop(dataDirectory(env))
    case 'restart':
      return restart(env)
    case 'status':
      return status(dataDirectory(env))
    default:
      throw new Refusal('usage: node ops/service.js start|stop|restart|status')
  }
})

/** @param {NodeJS.ProcessEnv} env */
async function restart(env) {
  // A bad configuration is refused while the old process still serves.
  const config = readConfig(env)
  await stop(config.data)
  await start(config, env)
}

/** @param {string} data */
function status(data) {
  const running = runningProcess(data)
  if (running === undefined) {
    console.log('not running')
    return notRunning
  }
  console.log(`running, pid ${running.pid}, release ${running.release}`)
  return 0
}
