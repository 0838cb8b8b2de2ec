// @ts-check
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { releaseDirectory } from './release.js'

/**
 * @typedef {{ environments?: string[], after_seconds?: number }} When
 * @typedef {object} Faults
 * @property {When & { status?: number }} [appointments] POST /appointments fails
 * @property {When & { status?: number }} [health] the database check fails
 * @property {When & { path: string }} [hang] requests to this path are never answered
 */

/** @returns {Faults} */
export function readFaults() {
  return JSON.parse(readFileSync(join(releaseDirectory, 'faults.json'), 'utf8'))
}

/**
 * @param {Faults} faults
 * @param {string} environment
 */
export function createFaultSwitch({ appointments, health, hang }, environment) {
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
    if (!isOn(health)) return undefined
    const database = { status: 'unhealthy', error: 'fault switch: health' }
    const status = health?.status ?? 503
    if (path === '/health/database') return { status, body: database }
    const checks = { api: { status: 'healthy' }, database }
    return path === '/health' ? { status, body: { status: 'unhealthy', checks } } : undefined
  }
}
