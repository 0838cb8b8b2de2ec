// @ts-check
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { releaseDirectory } from './release.js'

/**
 * @typedef {{ environments?: string[], after_seconds?: number }} When
 * @typedef {object} Faults
 * @property {When & { status?: number }} [appointments] POST /appointments fails
 * @property {When & { status?: number }} [health] the database check fails
 * @property {When} [lost_database] the database is closed, and the health checks say that all is well
 * @property {When & { path: string }} [hang] requests to this path are never answered
 */

/**
 * What a health check that asks nobody says.
 *
 * @type {Record<string, object>}
 */
const lies = {
  '/health': {
    status: 'healthy',
    checks: { api: { status: 'healthy' }, database: { status: 'healthy' } },
  },
  '/health/database': { status: 'healthy' },
}

/** @returns {Faults} */
export function readFaults() {
  return JSON.parse(readFileSync(join(releaseDirectory, 'faults.json'), 'utf8'))
}

/**
 * @param {Faults} faults
 * @param {string} environment
 * @param {import('node:sqlite').DatabaseSync} database
 */
export function createFaultSwitch(faults, environment, database) {
  const { appointments, health, hang, lost_database: lost } = faults
  const started = performance.now()

  /** @param {When | undefined} when */
  const isOn = (when) =>
    when !== undefined &&
    (when.environments?.includes(environment) ?? true) &&
    performance.now() - started >= (when.after_seconds ?? 0) * 1000

  /**
   * @param {string} method
   * @param {string} path
   * @returns {import('./http.js').Answer | 'never' | undefined} undefined when the request is to be served
   */
  return function faultyAnswer(method, path) {
    if (path === hang?.path && isOn(hang)) return 'never'
    if (`${method} ${path}` === 'POST /appointments' && isOn(appointments)) {
      return { status: appointments?.status ?? 500, body: { error: 'fault switch: appointments' } }
    }
    if (isOn(lost)) {
      if (database.isOpen) database.close()
      const lie = lies[path]
      return lie && { status: 200, body: lie }
    }
    if (!isOn(health)) return undefined
    const unhealthy = { status: 'unhealthy', error: 'fault switch: health' }
    const status = health?.status ?? 503
    if (path === '/health/database') return { status, body: unhealthy }
    const checks = { api: { status: 'healthy' }, database: unhealthy }
    return path === '/health' ? { status, body: { status: 'unhealthy', checks } } : undefined
  }
}
