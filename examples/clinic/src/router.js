// @ts-check
import { HttpError } from './http.js'

/**
 * @typedef {object} Call
 * @property {import('node:http').IncomingMessage} request
 * @property {Record<string, string | undefined>} params
 * @property {string} token the bearer token, empty without one
 *
 * @typedef {(call: Call, clinic: import('./clinic.js').Clinic) => import('./http.js').Answer | Promise<import('./http.js').Answer>} Handler
 *
 * @typedef {object} Route
 * @property {string} method
 * @property {string} path
 * @property {Handler} handle
 * @property {'anyone' | 'session'} access
 */

/** @param {Route[]} routes */
export function createRouter(routes) {
  const table = routes.map((route) => ({
    ...route,
    pattern: new URLPattern({ pathname: route.path }),
  }))

  /**
   * @param {string} method
   * @param {string} pathname
   */
  return function find(method, pathname) {
    for (const route of table) {
      const match = route.method === method && route.pattern.exec({ pathname })
      if (match) return { route, params: match.pathname.groups }
    }
    throw new HttpError(404, 'not found')
  }
}
