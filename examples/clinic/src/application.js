// @ts-check
import { createServer } from 'node:http'
import { HttpError, send } from './http.js'
import { createRouter } from './router.js'
import { appointmentRoutes } from './routes/appointments.js'
import { healthRoutes } from './routes/health.js'
import { loginRoutes } from './routes/login.js'
import { versionRoutes } from './routes/version.js'

/**
 * @typedef {import('./clinic.js').Clinic} Clinic
 * @typedef {import('./http.js').Answer} Answer
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 */

const find = createRouter([...healthRoutes, ...versionRoutes, ...loginRoutes, ...appointmentRoutes])

/** @param {Clinic} clinic */
export function createApplication(clinic) {
  return createServer({ requestTimeout: 10_000 }, async (request, response) => {
    const answer = await answerTo(request, clinic).catch(errorAnswer)
    if (answer !== 'never') send(response, answer)
  })
}

/**
 * @param {IncomingMessage} request
 * @param {Clinic} clinic
 * @returns {Promise<Answer | 'never'>}
 */
async function answerTo(request, clinic) {
  const method = request.method ?? 'GET'
  const [path = '/'] = (request.url ?? '/').split('?')
  const fault = clinic.faultyAnswer(method, path)
  if (fault !== undefined) return fault
  const { route, params } = find(method, path)
  const token = bearerToken(request)
  if (route.access === 'session' && !clinic.sessions.isOpen(token)) {
    throw new HttpError(401, 'log in first')
  }
  return route.handle({ request, params, token }, clinic)
}

/** @param {IncomingMessage} request */
function bearerToken(request) {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
}

/**
 * @param {unknown} error
 * @returns {Answer}
 */
function errorAnswer(error) {
  if (error instanceof HttpError) return { status: error.status, body: { error: error.message } }
  console.error(error)
  return { status: 500, body: { error: 'internal error' } }
}
