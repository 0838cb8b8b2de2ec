// @ts-check
import { once } from 'node:events'
import { createApplication } from './application.js'
import { createClinic } from './clinic.js'
import { command, Refusal } from './command.js'
import { readConfig } from './config.js'
import { forgetProcess, recordThisProcess } from './pid-file.js'

const drainTime = 3000

/**
 * @typedef {import('./clinic.js').Clinic} Clinic
 * @typedef {import('node:http').Server} Server
 */

await command(async () => {
  const clinic = createClinic(readConfig(process.env))
  const server = createApplication(clinic)
  await listen(server, clinic.config.port)
  recordThisProcess(clinic.config.data)
  server.once('close', () => finish(clinic))
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => drain(server))
  const { version, environment } = clinic.config
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`clinic ${version} (${environment}) listens on http://127.0.0.1:${port}`)
})

/**
 * @param {Server} server
 * @param {number} port
 */
async function listen(server, port) {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error
    throw new Refusal(`port ${port} is already in use by another process`)
  }
}

/** @param {Server} server */
function drain(server) {
  server.close()
  setTimeout(() => server.closeAllConnections(), drainTime).unref()
}

/** @param {Clinic} clinic */
function finish({ config, database }) {
  if (database.isOpen) database.close()
  forgetProcess(config.data, process.pid)
  console.log('clinic stopped')
}
