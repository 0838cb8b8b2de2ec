// @ts-check
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** @param {string} directory */
export function openDatabase(directory) {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return new DatabaseSync(join(directory, 'clinic.sqlite'), { timeout: 2000 })
}

/**
 * @template T
 * @param {DatabaseSync} database
 * @param {() => T} work
 * @returns {T}
 */
export function inTransaction(database, work) {
  database.exec('begin immediate')
  try {
    const result = work()
    database.exec('commit')
    return result
  } catch (error) {
    // Some errors (a full disk) have already rolled back.
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}
