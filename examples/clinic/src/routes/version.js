// @ts-check
import { lastMigration } from '../migrations.js'

/** @type {import('../router.js').Route[]} */
export const versionRoutes = [{ method: 'GET', path: '/version', handle: show, access: 'anyone' }]

/** @type {import('../router.js').Handler} */
function show(_call, { config, database }) {
  const { version, commit, environment } = config
  return { status: 200, body: { version, commit, environment, schema: schemaOf(database) } }
}

/**
 * Which release this is must stay answerable while the database is not.
 *
 * @param {import('node:sqlite').DatabaseSync} database
 */
function schemaOf(database) {
  try {
    return lastMigration(database)
  } catch {
    return null
  }
}
