import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKeepers } from '../../../src/adapters/keeper/keepers.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { until } from '../../support/until.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gonogo-keeper-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

describe('starting a keeper', () => {
  it('starts gonogo again for one deployment, with its own log and the same environment', async () => {
    const says = `console.log(JSON.stringify([process.argv.slice(1), process.env.GONOGO_STATE_DIR]))`
    const keepers = createKeepers({
      processes: createProcesses(),
      command: [process.execPath, '-e', says, '--'],
      directory,
      logDirectory: join(directory, 'keepers'),
      env: { ...process.env, GONOGO_STATE_DIR: '/somewhere' },
    })
    const watchedBy = await keepers.start('dep_1')
    expect(watchedBy).toMatch(/^keeper pid \d+$/)
    const log = join(directory, 'keepers', 'keeper-dep_1.log')
    const text = await until('its log', async () => (await readFile(log, 'utf8')).trim() || null)
    expect(JSON.parse(text)).toEqual([['keep', 'dep_1', '--project', directory], '/somewhere'])
    expect((await stat(log)).mode & 0o777).toBe(0o600)
  })
})
