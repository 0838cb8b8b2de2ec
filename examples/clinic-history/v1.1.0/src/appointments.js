// @ts-check
import { randomUUID } from 'node:crypto'

/**
 * @typedef {{ patient: string, at: string, note?: string }} NewAppointment
 * @typedef {import('node:sqlite').DatabaseSync} DatabaseSync
 */

const dateAndTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/

/**
 * @param {Record<string, unknown>} body
 * @returns {string | undefined} what is wrong with it, if anything
 */
export function problemWith({ patient, at, note = '' }) {
  if (typeof patient !== 'string' || patient.trim() === '') return 'patient must be a name'
  if (patient.length > 200) return 'patient must have at most 200 characters'
  if (typeof at !== 'string' || !dateAndTime.test(at) || Number.isNaN(Date.parse(at))) {
    return 'at must be a date and time such as 2030-01-31T09:30:00Z'
  }
  if (typeof note !== 'string' || note.length > 500) return 'note must have at most 500 characters'
  return undefined
}

/**
 * @param {DatabaseSync} database
 * @param {NewAppointment} appointment
 */
export function addAppointment(database, { patient, at, note = '' }) {
  const id = randomUUID()
  database
    .prepare('insert into appointments (id, patient, at, note) values (?, ?, ?, ?)')
    .run(id, patient, at, note)
  return id
}

/**
 * @param {DatabaseSync} database
 * @param {string} id
 */
export function findAppointment(database, id) {
  return database.prepare('select id, patient, at, note from appointments where id = ?').get(id)
}

/** @param {DatabaseSync} database */
export function listAppointments(database) {
  return database
    .prepare('select id, patient, at, note from appointments order by julianday(at), id')
    .all()
}

/**
 * @param {DatabaseSync} database
 * @param {string} id
 */
export function removeAppointment(database, id) {
  return database.prepare('delete from appointments where id = ?').run(id).changes > 0
}
