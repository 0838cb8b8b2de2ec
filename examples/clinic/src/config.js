// @ts-check
import { resolve } from 'node:path'
import { Refusal } from './command.js'
import { packageVersion } from './release.js'

/**
 * @typedef {object} Config
 * @property {number} port
 * @property {string} data
 * @property {string} environment
 * @property {string} sessionSecret
 * @property {string} password
 * @property {string} version
 * @property {string} commit
 */

/** All the server reads; `ops/service.js` hands it these and nothing else. */
export const serverVariables = [
  'PORT',
  'CLINIC_DATA',
  'CLINIC_ENV',
  'CLINIC_ADMIN_PASSWORD',
  'SESSION_SECRET',
  'GONOGO_VERSION',
  'GONOGO_COMMIT',
]

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Config}
 */
export function readConfig(env) {
  return {
    port: readPort(env),
    data: dataDirectory(env),
    environment: env.CLINIC_ENV || 'development',
    sessionSecret: readSecret(env),
    password: required(env, 'CLINIC_ADMIN_PASSWORD', 'the password of the user reception'),
    version: env.GONOGO_VERSION || packageVersion(),
    commit: env.GONOGO_COMMIT || 'unknown',
  }
}

/** @param {NodeJS.ProcessEnv} env */
export function dataDirectory(env) {
  return resolve(required(env, 'CLINIC_DATA', 'the directory for the database, pid file and log'))
}

/** @param {NodeJS.ProcessEnv} env */
function readPort(env) {
  const port = Number(required(env, 'PORT', 'the port to listen on'))
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new Refusal(`PORT must be a whole number from 0 to 65535, not ${env.PORT}`)
}

/** @param {NodeJS.ProcessEnv} env */
function readSecret(env) {
  const secret = env.SESSION_SECRET ?? ''
  if (secret.length >= 32) return secret
  throw new Refusal('SESSION_SECRET must be set to at least 32 characters')
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 * @param {string} meaning
 */
function required(env, name, meaning) {
  const value = env[name]
  if (value) return value
  throw new Refusal(`${name} must be set: ${meaning}`)
}
