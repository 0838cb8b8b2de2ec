// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../src/config.js'
import { packageVersion } from '../src/release.js'

const env = {
  PORT: '8080',
  CLINIC_DATA: '/data',
  CLINIC_ADMIN_PASSWORD: 'let me in',
  SESSION_SECRET: 's'.repeat(32),
}

test('what may be left out has a default', () => {
  assert.deepEqual(readConfig(env), {
    port: 8080,
    data: '/data',
    environment: 'development',
    sessionSecret: env.SESSION_SECRET,
    password: 'let me in',
    version: packageVersion(),
    commit: 'unknown',
  })
})

for (const [name, value] of [
  ['SESSION_SECRET', undefined],
  ['SESSION_SECRET', 's'.repeat(31)],
  ['PORT', undefined],
  ['PORT', '80a'],
  ['PORT', '65536'],
  ['CLINIC_DATA', undefined],
  ['CLINIC_ADMIN_PASSWORD', ''],
]) {
  test(`${name} = ${value} is refused by name`, () => {
    assert.throws(() => readConfig({ ...env, [String(name)]: value }), {
      message: new RegExp(`^${name} must be `),
    })
  })
}
