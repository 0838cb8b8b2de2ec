// @ts-check
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = /** @type {(password: string, salt: Buffer, length: number) => Promise<Buffer>} */ (
  promisify(scrypt)
)

/** @param {string} password */
export function createPassword(password) {
  const salt = randomBytes(16)
  const expected = derive(password, salt, 32)

  return {
    /** @param {string} candidate */
    async matches(candidate) {
      return timingSafeEqual(await derive(candidate, salt, 32), await expected)
    },
  }
}
