import { expect, it } from 'vitest'
import { deploymentIdIn, parseTitle } from '../../../../src/adapters/github/deployments/title.ts'

const parsed = { version: 'v1.4.0', environment: 'production' }

it.each([
  ['promote v1.4.0 to production (dep_01k0abcdefgh)', parsed],
  ['promote v1.4.0 to production (dep_01k0abcdefgh) apr_01k0abcdefgh', parsed],
  ['deploy v1.4.0 to production () ', parsed],
  ['rollback v1.4.0 to production', parsed],
  ['deploy v1.4.0 to production and then some', null],
  ['destroy v1.4.0 to production', null],
  ['Deploy', null],
])('the title %j says what was deployed where, or nothing', (title, expected) => {
  expect(parseTitle(title)).toEqual(expected)
})

it.each([
  ['deploy v1 to staging (dep_01k0abcdefgh)', 'dep_01k0abcdefgh'],
  ['dep_01k0abcdefgh and dep_01k0abcdefgh', 'dep_01k0abcdefgh'],
  ['dep_01k0abcdefgh or dep_01k0zzzzzzzz', null],
  ['not-dep_01k0abcdefgh', null],
  ['Deploy', null],
])('the title %j carries an id as a word of its own, once, or none', (title, expected) => {
  expect(deploymentIdIn(title)).toBe(expected)
})
