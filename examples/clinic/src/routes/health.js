// @ts-check
import { lastMigration } from '../migrations.js'

/**
 * @typedef {import('../clinic.js').Clinic} Clinic
 * @typedef {{ status: 'healthy' | 'unhealthy', [detail: string]: unknown }} Check
 */

/** @type {import('../router.js').Route[]} */
export const healthRoutes = [
  {
    method: 'GET',
    path: '/health',
    handle: (_call, clinic) => overall({ api: checkApi(), database: checkDatabase(clinic) }),
    access: 'anyone',
  },
  {
    method: 'GET',
    path: '/health/api',
    handle: () => answer(checkApi()),
    access: 'anyone',
  },
  {
    method: 'GET',
    path: '/health/database',
    handle: (_call, clinic) => answer(checkDatabase(clinic)),
    access: 'anyone',
  },
]

/** @param {Record<string, Check>} checks */
function overall(checks) {
  const healthy = Object.values(checks).every((check) => check.status === 'healthy')
  return answer({ status: healthy ? 'healthy' : 'unhealthy', checks })
}

/** @param {Check} check */
function answer(check) {
  return { status: check.status === 'healthy' ? 200 : 503, body: check }
}

/**
 * The pid lets whoever started this process see that no other one answers on the port.
 *
 * @returns {Check}
 */
function checkApi() {
  return { status: 'healthy', pid: process.pid }
}

/**
 * @param {Clinic} clinic
 * @returns {Check}
 */
function checkDatabase({ database, migrations }) {
  try {
    const schema = lastMigration(database)
    const needed = migrations.at(-1)?.name ?? ''
    if (schema !== null && schema >= needed) return { status: 'healthy', schema }
    return { status: 'unhealthy', schema, error: `migration ${needed} is not applied` }
  } catch (error) {
    console.error(error)
    return { status: 'unhealthy', error: 'the query failed' }
  }
}
