import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { tools } from '../../src/tools/index.ts'
import { repository, runScript, useCopy } from './copy.ts'

const script = 'generate-tool-docs.ts'
const sources = [
  'src',
  'scripts/generate-tool-docs.ts',
  'package.json',
  'docs/tools.md',
  'README.md',
]
const copy = useCopy(sources)

const original = (file: string) => readFileSync(join(repository, file), 'utf8')
const read = (file: string) => readFileSync(join(copy, file), 'utf8')
const change = (file: string, from: string, to: string) => {
  const text = read(file)
  if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`)
  writeFileSync(join(copy, file), text.replace(from, to))
}

beforeEach(() => {
  const changed = ['docs/tools.md', 'README.md', 'src/tools/list-deployments.ts']
  for (const file of changed) writeFileSync(join(copy, file), original(file))
})

it('what is committed is what the tools say', () => {
  expect(runScript(copy, script, '--check')).toMatchObject({ status: 0, stderr: '' })
})

describe('a tool that changed', () => {
  beforeEach(() => {
    change('src/tools/list-deployments.ts', "title: 'List deployments'", "title: 'Look back'")
    change('src/tools/list-deployments.ts', '.max(100)', '.max(99)')
  })

  it('fails the check, which writes nothing', () => {
    const { status, stderr } = runScript(copy, script, '--check')
    expect(status).toBe(1)
    expect(stderr).toContain('tools.md is out of date: node scripts/generate-tool-docs.ts')
    expect(read('docs/tools.md')).toBe(original('docs/tools.md'))
  })

  it('is described anew', () => {
    expect(runScript(copy, script).status).toBe(0)
    expect(read('docs/tools.md')).toContain('**Look back.**')
    expect(read('docs/tools.md')).toContain('whole number from 1 to 99')
  })
})

it('only the part of README.md between the markers is generated', () => {
  change('README.md', '<!-- tools:end -->', 'left over\n<!-- tools:end -->')
  expect(runScript(copy, script, '--check').stderr).toContain('README.md is out of date')
  change('README.md', '# gonogo', '# gonogo, edited')
  expect(runScript(copy, script).status).toBe(0)
  expect(read('README.md')).toBe(original('README.md').replace('# gonogo', '# gonogo, edited'))
})

it('without its markers README.md is left alone, and that is an error', () => {
  change('README.md', '<!-- tools:start -->', '')
  const before = read('README.md')
  const { status, stderr } = runScript(copy, script)
  expect(status).toBe(1)
  expect(stderr).toContain('README.md has no <!-- tools:start -->')
  expect(read('README.md')).toBe(before)
})

it('the reference has every input and every field of every tool', () => {
  const docs = original('docs/tools.md')
  for (const { name, input, output } of tools) {
    const section = docs.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? ''
    for (const field of [...Object.keys(input.shape), ...Object.keys(output.shape)]) {
      expect(section, `${name}: ${field}`).toContain(`| \`${field}\` |`)
    }
    expect(original('README.md')).toContain(`docs/tools.md#${name}`)
  }
})
