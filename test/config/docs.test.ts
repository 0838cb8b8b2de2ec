import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { load, put, useDirectories } from './directory.ts'

const directory = useDirectories()
const repository = join(import.meta.dirname, '../..')
const docs = readFileSync(join(repository, 'docs/config.md'), 'utf8')

it('the reference is what the generator writes, and the check only tells', () => {
  const copy = directory()
  for (const part of ['src/config', 'src/core', 'scripts/generate-config-docs.ts']) {
    cpSync(join(repository, part), join(copy, part), { recursive: true })
  }
  put(copy, 'package.json', '{ "type": "module" }')
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))
  const file = put(copy, 'docs/config.md', 'old')
  const schema = put(copy, 'docs/gonogo.schema.json', '{}')
  const script = join(copy, 'scripts/generate-config-docs.ts')
  const check = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(check.status).toBe(1)
  expect(check.stderr).toContain('docs/config.md is out of date')
  expect(check.stderr).toContain('docs/gonogo.schema.json is out of date')
  expect([readFileSync(file, 'utf8'), readFileSync(schema, 'utf8')]).toEqual(['old', '{}'])
  execFileSync(process.execPath, [script])
  expect(readFileSync(file, 'utf8')).toBe(docs)
  const committed = join(repository, 'docs/gonogo.schema.json')
  expect(readFileSync(schema, 'utf8')).toBe(readFileSync(committed, 'utf8'))
})

it('its example is accepted', async () => {
  const example = /```yaml\n(.*?)```/s.exec(docs)?.[1] ?? ''
  const root = directory()
  put(root, 'gonogo.yaml', example)
  const { project } = await load(root)
  expect(project.environments.map(({ name, verify }) => [name, verify])).toEqual([
    ['staging', 'basic'],
    ['production', 'basic'],
  ])
})

it('describes every key and every variable', () => {
  const rows = docs.split('\n').filter((line) => line.startsWith('| `'))
  expect(rows.length).toBeGreaterThan(70)
  for (const row of rows) expect(row).toMatch(/\| \S[^|]* \|$/)
})
