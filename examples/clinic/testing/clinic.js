// @ts-check
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApplication } from '../src/application.js'
import { createClinic } from '../src/clinic.js'
import { migrate } from '../src/migrations.js'

/** @typedef {import('node:test').TestContext} TestContext */

/** @param {TestContext} t */
export function temporaryDirectory(t) {
  const directory = mkdtempSync(join(tmpdir(), 'clinic-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

/**
 * A migrated service in this process on a free port, with the release's own faults unless told.
 *
 * @param {TestContext} t
 * @param {{ environment?: string, faults?: import('../src/faults.js').Faults }} [options]
 */
export async function startClinic(t, { environment = 'test', faults } = {}) {
  const clinic = createClinic({ ...fixedConfig, environment, data: temporaryDirectory(t) }, faults)
  migrate(clinic.database, clinic.migrations, () => {})
  const server = createApplication(clinic)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  t.after(() => {
    server.close()
    server.closeAllConnections()
    if (clinic.database.isOpen) clinic.database.close()
  })
  const url = `http://127.0.0.1:${port}`
  return { clinic, url, call: createCall(url), token: clinic.sessions.open('reception') }
}

const fixedConfig = {
  port: 0,
  sessionSecret: 'a secret of at least 32 characters',
  password: 'let me in',
  version: '1.2.3',
  commit: 'c0ffee',
}

/** @param {string} url */
function createCall(url) {
  /**
   * @param {string} request such as 'GET /version'
   * @param {{ token?: string, body?: unknown }} [options]
   * @returns {Promise<{ status: number, body: any }>}
   */
  return async (request, { token, body } = {}) => {
    const [method, path] = request.split(' ')
    const response = await fetch(`${url}${path}`, {
      method: method ?? 'GET',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      body: typeof body === 'string' ? body : (JSON.stringify(body) ?? null),
      signal: AbortSignal.timeout(5000),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
}
