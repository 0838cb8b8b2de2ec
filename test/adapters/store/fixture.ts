import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openStore } from '../../../src/adapters/store/store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { runtime } from './rows.ts'

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-store-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A store that is closed after the test. */
export function storeIn(directory: string, project = 'clinic'): Store {
  const store = openStore({ directory, project, runtime })
  onTestFinished(() => store.close())
  return store
}

export function newStore(): Store {
  return storeIn(temporaryDirectory())
}
