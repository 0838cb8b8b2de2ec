// @ts-check
import { createHmac, randomBytes } from 'node:crypto'

const lifetime = 8 * 60 * 60 * 1000

/** @typedef {ReturnType<typeof createSessions>} Sessions */

/**
 * The database holds keyed hashes only: who can read it cannot use the sessions in it.
 *
 * @param {import('node:sqlite').DatabaseSync} database
 * @param {string} secret
 */
export function createSessions(database, secret, now = Date.now) {
  /** @param {string} token */
  const hash = (token) => createHmac('sha256', secret).update(token).digest('hex')

  return {
    /** @param {string} user */
    open(user) {
      const token = randomBytes(32).toString('base64url')
      database.prepare('delete from sessions where expires_at <= ?').run(now())
      database
        .prepare('insert into sessions (token_hash, user, expires_at) values (?, ?, ?)')
        .run(hash(token), user, now() + lifetime)
      return token
    },

    /** @param {string} token */
    isOpen(token) {
      return (
        database
          .prepare('select 1 from sessions where token_hash = ? and expires_at > ?')
          .get(hash(token), now()) !== undefined
      )
    },

    /** @param {string} token */
    close(token) {
      database.prepare('delete from sessions where token_hash = ?').run(hash(token))
    },
  }
}
