import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { repository, runScript } from './copy.ts'

const directory = mkdtempSync(join(tmpdir(), 'gonogo-notices-'))
const file = join(directory, 'dist/notices.txt')
let notices = ''

beforeAll(() => {
  expect(runScript(repository, 'third-party-notices.ts', file)).toMatchObject({ status: 0 })
  notices = readFileSync(file, 'utf8')
})
afterAll(() => rmSync(directory, { recursive: true }))

it.each([
  ['what the command line imports', 'commander', 'MIT'],
  ['a dependency of a dependency', 'structured-source', 'BSD-2-Clause'],
  ['what another package carries in its own files', 'content-type', 'MIT'],
])('has %s', (_what, name, licence) => {
  expect(notices).toMatch(new RegExp(`^${name}, .*, ${licence}$`, 'm'))
})

it('has the whole text of each licence', () => {
  const texts = notices.split(/^#{78}$/m).slice(2)
  const bodies = texts.filter((_, index) => index % 2 === 0)
  expect(bodies.length).toBeGreaterThan(10)
  for (const body of bodies) expect(body).toMatch(/Permission|Redistribution|TERMS AND CONDITIONS/)
})

it('names no tool that is only used to build and test', () => {
  for (const name of ['vitest', 'typescript', 'rolldown']) {
    expect(notices).not.toMatch(new RegExp(`^${name}, `, 'm'))
  }
})
