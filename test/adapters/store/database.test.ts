import { expect, test } from 'vitest'
import { requireSqlite } from '../../../src/adapters/store/database.ts'

test('a SQLite that can lose commits is refused by its version', () => {
  for (const version of ['3.51.3', '3.51.10', '3.52.0', '4.0.0']) {
    expect(() => requireSqlite(version), version).not.toThrow()
  }
  for (const version of ['3.51.2', '3.9.4', '2.99.99', undefined]) {
    expect(() => requireSqlite(version), version).toThrow(
      expect.objectContaining({ code: 'store_unavailable', hint: expect.stringContaining('Node') }),
    )
  }
})
