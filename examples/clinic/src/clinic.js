// @ts-check
import { openDatabase } from './database.js'
import { createFaultSwitch, readFaults } from './faults.js'
import { readMigrations } from './migrations.js'
import { createPassword } from './password.js'
import { createSessions } from './sessions.js'

/** @typedef {ReturnType<typeof createClinic>} Clinic */

/**
 * Everything a route may need.
 *
 * @param {import('./config.js').Config} config
 */
export function createClinic(config, faults = readFaults()) {
  const database = openDatabase(config.data)
  return {
    config,
    database,
    faultyAnswer: createFaultSwitch(faults, config.environment, database),
    migrations: readMigrations(),
    password: createPassword(config.password),
    sessions: createSessions(database, config.sessionSecret),
  }
}
