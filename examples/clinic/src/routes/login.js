// @ts-check
import { HttpError, readJson } from '../http.js'

/** @type {import('../router.js').Route[]} */
export const loginRoutes = [
  { method: 'POST', path: '/login', handle: logIn, access: 'anyone' },
  { method: 'DELETE', path: '/login', handle: logOut, access: 'session' },
]

/** @type {import('../router.js').Handler} */
async function logIn({ request }, { password: expected, sessions }) {
  const { user, password } = await readJson(request)
  if (typeof user !== 'string' || typeof password !== 'string') {
    throw new HttpError(400, 'user and password must be strings')
  }
  // The password is derived for unknown users too, so that the time taken does not name the user.
  const matches = await expected.matches(password)
  if (!matches || user !== 'reception') throw new HttpError(401, 'wrong user or password')
  return { status: 200, body: { token: sessions.open(user) } }
}

/** @type {import('../router.js').Handler} */
function logOut({ token }, { sessions }) {
  sessions.close(token)
  return { status: 204 }
}
