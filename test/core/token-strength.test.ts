import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { tokenWeakness } from '../../src/core/token-strength.ts'

it.each([
  ['hunter2', 'shorter than 16 characters'],
  ['abcabcabcabcabcabc', 'one part repeated'],
  ['aaaaaaaaaaaaaaaaaaaa', 'one part repeated'],
  ['abcdefghijklmnopqrst', 'a run of neighbouring characters'],
  ['98765432109876543210', 'one part repeated'],
  ['0123456789:;<=>?@ABC', 'a run of neighbouring characters'],
  ['production-deploy-token-2026', 'made of common words'],
  ['P@ssw0rd-Adm1n-2026!', 'made of common words'],
  ['abbaabababbaabbbabab', 'of too few different characters'],
])('%s is %s', (token, why) => {
  expect(tokenWeakness(token)).toBe(why)
})

it('has nothing against what a generator makes', () => {
  for (let round = 0; round < 200; round++) {
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(tokenWeakness(randomBytes(24).toString(encoding))).toBeNull()
    }
  }
})
