import { expect, it } from 'vitest'
import { tokenLabel } from '../../../src/tools/support/audit.ts'
import { makeWorld } from '../../support/fake-context.ts'

it('shows an approval by its id and any other token by its hash, even one that begins like an id', () => {
  const { call } = makeWorld()
  const id = `apr_${'0'.repeat(26)}`
  expect(tokenLabel(call, id)).toBe(id)
  for (const secret of ['letmein-letmein', 'apr_wrong-but-secret', `${id}x`]) {
    expect(tokenLabel(call, secret)).toMatch(/^sha256:[0-9a-f]{12}$/)
  }
})
