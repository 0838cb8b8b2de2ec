import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { run } from '../support/clinic.ts'

let root: string
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'gonogo-config-'))))
afterAll(() => rmSync(root, { recursive: true }))

const gonogo = (args: string[], env: Record<string, string> = {}) =>
  run(args, { cwd: root, env: { PATH: process.env['PATH'] ?? '', HOME: root, ...env } })

const write = (yaml: string) => writeFileSync(join(root, 'gonogo.yaml'), yaml)

it('the built program shows, explains and describes, and needs no store for it', async () => {
  write(
    'project: shop\nenvironments: { staging: { env: { GREETING: hello-you } }, production: {} }\n',
  )
  const env = { STAGING_URL: 'http://staging.test', GITHUB_TOKEN: 'ghp_not-for-you' }
  const [shown, explained, schema] = await Promise.all([
    gonogo(['config', 'show'], env),
    gonogo(['config', 'explain', 'environments.url'], env),
    gonogo(['config', 'schema', '--write']),
  ])
  expect([shown, explained, schema].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
  expect(parse(shown.stdout)).toMatchObject({
    environments: {
      staging: { url: 'http://staging.test', env: { GREETING: '(set, 9 characters)' } },
    },
  })
  expect(shown.stdout).not.toMatch(/hello-you|ghp_not-for-you/)
  expect(explained.stdout).toContain(
    'environments.staging.url = "http://staging.test"  # STAGING_URL',
  )
  expect(existsSync(join(root, 'gonogo.schema.json'))).toBe(true)
  expect(existsSync(join(root, '.local'))).toBe(false)
})

it('a broken configuration is refused wherever it is read, with the command that shows all of it', async () => {
  write('project: shop\nenvironments: { staging: { urll: x } }\n')
  const [listed, shown] = await Promise.all([
    gonogo(['list']),
    gonogo(['config', 'show', '--json']),
  ])
  expect(listed.exitCode).toBe(2)
  expect(listed.stderr).toContain('next: correct gonogo.yaml, then run: gonogo config show')
  expect(shown.exitCode).toBe(2)
  expect(shown.json().error).toMatchObject({
    code: 'invalid_configuration',
    message: 'gonogo.yaml:2: environments.staging.urll is not a known key, did you mean "url"?',
  })
})
