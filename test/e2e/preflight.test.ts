import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../support/clinic.ts'

const root = join(import.meta.dirname, '../..')

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gonogo-preflight-'))
  mkdirSync(join(directory, '.github/workflows'), { recursive: true })
  const reference = join(root, 'examples/workflows/cd.yml')
  copyFileSync(reference, join(directory, '.github/workflows/cd.yml'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const inputs = {
  environment: 'production',
  version: 'v1',
  commit: 'a'.repeat(40),
  deployment_id: 'd',
}
const args = [
  'preflight',
  '--json',
  '--environment',
  'production',
  ...Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`]),
]

it("the built program has GitHub's parser in it", async () => {
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory }
  const { exitCode, stdout, stderr } = await run(args, { cwd: directory, env })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({ deploys: ['production'], findings: [], unknown: [] })
  expect(exitCode).toBe(0)
})

it('the sources say that they cannot load it', async () => {
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory }
  const program = [join(root, 'src/main.ts'), ...args]
  const ran = promisify(execFile)(process.execPath, program, { cwd: directory, env })
  const { code, stdout } = (await ran.catch((error) => error)) as { code: number; stdout: string }
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'missing_program' } })
  expect(code).toBe(1)
})
