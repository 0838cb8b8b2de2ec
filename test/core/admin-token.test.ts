import { expect, it } from 'vitest'
import { matchingToken, parseAdminTokens } from '../../src/core/admin-token.ts'
import { tokenWeakness } from '../../src/core/token-strength.ts'
import { adminToken, sha256 } from '../support/held.ts'

const deps = { sha256, moment: Date.parse, weaknessOf: tokenWeakness }
const strong = 'kV7wq2Lx9RbT4nYcZ81mHd'
const hash = sha256('something else')

it('knows a plain token by its hash, and keeps it apart for redaction', () => {
  const { tokens, plain, problems } = parseAdminTokens(` ${strong} , `, deps)
  expect(tokens).toEqual([adminToken(strong)])
  expect(JSON.stringify(tokens)).not.toContain(strong)
  expect({ plain, problems }).toEqual({ plain: [strong], problems: [] })
})

it('takes a hash with a name, and the time at which it ends', () => {
  const text = `ops:sha256:${hash},ci:sha256:${hash.toUpperCase()}:2030-01-31T12:00:00Z`
  const { tokens, plain } = parseAdminTokens(text, deps)
  const ends = Date.parse('2030-01-31T12:00:00Z')
  expect(tokens).toEqual([
    { label: 'ops', sha256: hash, expires_at: null, weakness: null },
    { label: 'ci', sha256: hash, expires_at: ends, weakness: null },
  ])
  expect(plain).toEqual([])
})

it.each([
  ['a hash that is too short', `ops:sha256:${hash.slice(1)}`],
  ['another hash', `ops:sha512:${hash}`],
  ['a hash without a name', `sha256:${hash}`],
  ['an equals sign', `ops:sha256=${hash}`],
  ['a name with a space', `o ps:sha256:${hash}`],
  ['no date', `ops:sha256:${hash}:tomorrow`],
])('takes no token for a plain one that was meant as a hash: %s', (_, entry) => {
  const { tokens, problems } = parseAdminTokens(`${strong},${entry}`, deps)
  expect(tokens).toHaveLength(1)
  expect(problems).toEqual([expect.stringMatching(/^entry 2 /)])
  for (const secret of [hash.slice(1, 9), strong, 'tomorrow'])
    expect(problems.join()).not.toContain(secret)
})

it('says which name is there twice, and which token', () => {
  const twice = parseAdminTokens(`a:sha256:${hash},a:sha256:${sha256('x')}`, deps)
  expect(twice.problems).toEqual(['entry 2 has the name of an earlier one'])
  expect(parseAdminTokens(`${strong},${strong}`, deps).tokens).toEqual([
    adminToken(strong, { weakness: 'listed twice' }),
  ])
})

it('compares with every token, wherever the one is that matches', () => {
  const tokens = ['first', 'second', 'third'].map((token) => adminToken(token))
  for (const token of ['first', 'third', 'none']) {
    const compared: string[] = []
    const found = matchingToken(tokens, (other) => (compared.push(other), other === sha256(token)))
    expect(found?.sha256).toBe(token === 'none' ? undefined : sha256(token))
    expect(compared).toEqual(tokens.map(({ sha256: other }) => other))
  }
})
