// @ts-check
import {
  addAppointment,
  findAppointment,
  listAppointments,
  problemWith,
  removeAppointment,
} from '../appointments.js'
import { HttpError, readJson } from '../http.js'

/** @typedef {import('../router.js').Handler} Handler */

/** @type {import('../router.js').Route[]} */
export const appointmentRoutes = [
  { method: 'GET', path: '/appointments', handle: list, access: 'session' },
  { method: 'POST', path: '/appointments', handle: create, access: 'session' },
  { method: 'GET', path: '/appointments/:id', handle: show, access: 'session' },
  { method: 'DELETE', path: '/appointments/:id', handle: remove, access: 'session' },
]

/** @type {Handler} */
function list(_call, { database }) {
  return { status: 200, body: listAppointments(database) }
}

/** @type {Handler} */
async function create({ request }, { database }) {
  const body = await readJson(request)
  const problem = problemWith(body)
  if (problem !== undefined) throw new HttpError(400, problem)
  const appointment = /** @type {import('../appointments.js').NewAppointment} */ (body)
  return { status: 201, body: { id: addAppointment(database, appointment) } }
}

/** @type {Handler} */
function show({ params }, { database }) {
  const appointment = findAppointment(database, params.id ?? '')
  if (appointment === undefined) throw new HttpError(404, 'no such appointment')
  return { status: 200, body: appointment }
}

/** @type {Handler} */
function remove({ params }, { database }) {
  if (removeAppointment(database, params.id ?? '')) return { status: 204 }
  throw new HttpError(404, 'no such appointment')
}
