import { parse } from 'yaml'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from '@modelcontextprotocol/server/validators/ajv'
import { expect, it } from 'vitest'
import { configSchemaText } from '../../src/config/json-schema.ts'
import type { AnyJson } from '../support/any-json.ts'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()
const text = configSchemaText()
const schema = JSON.parse(text) as AnyJson

// Strict: refuses keywords it does not know, and schemas that contradict themselves.
const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false })
  .addKeyword('markdownDescription')
  .compile(schema as object)

/** What an editor that knows nothing but the schema says of a file. */
function editorAccepts(yaml: string): boolean {
  return validate(parse(yaml))
}

const docs = readFileSync(join(import.meta.dirname, '../../docs/config.md'), 'utf8')
const example = /```yaml\n(.*?)```/s.exec(docs)?.[1] ?? ''

it('is of the draft that yaml-language-server understands', () => {
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
  expect(schema.$id).toBeUndefined()
  expect(text.endsWith('}\n')).toBe(true)
  expect(text).not.toMatch(/shown_default|9007199254740991/)
})

it('shows on hover what a key means, and its default', () => {
  const { properties } = schema
  expect(properties.evidence_hours.description).toBe(
    'How old stored evidence may be when a promotion relies on it.\n\nDefault: 24',
  )
  const { verify } = properties.environments.additionalProperties.properties
  expect(verify.description).toMatch(
    /^Smoke suite .*\n\nDefault: basic when smoke\.basic has steps/,
  )
  expect(verify.markdownDescription).toContain('Default: `basic` when `smoke.basic`')
  expect(descriptionsBelow(schema).filter((description) => description.includes('`'))).toEqual([])
})

function descriptionsBelow(value: AnyJson): string[] {
  if (value === null || typeof value !== 'object') return []
  const own = typeof value.description === 'string' ? [value.description] : []
  return [...own, ...Object.values(value).flatMap(descriptionsBelow)]
}

it('has patterns that editors can compile', () => {
  const patterns = [...text.matchAll(/"pattern": (".*")/g)].map(
    ([, pattern = '']) => JSON.parse(pattern) as string,
  )
  expect(patterns.length).toBeGreaterThan(10)
  for (const pattern of patterns) expect(() => new RegExp(pattern, 'u')).not.toThrow()
  // Not every engine knows these; without the flag, JavaScript silently means something else.
  expect(patterns.filter((pattern) => /\\p\{|\(\?<[=!]/.test(pattern))).toEqual([])
})

it('accepts what gonogo accepts', async () => {
  const root = directory()
  put(root, 'gonogo.yaml', example)
  await load(root)
  expect(editorAccepts(example)).toBe(true)
})

it.each([
  ['an unknown key', 'project: p\nenvironments: { a: { urll: "http://a.test" } }\n'],
  ['no environment', 'project: p\nenvironments: {}\n'],
  ['a value that is none of the allowed', 'project: p\nenvironments: { a: { verify: ful } }\n'],
  [
    'both places of a version',
    'project: p\nenvironments: { a: { url: "http://a.test", version: { url: "http://b.test", path: /v, json_path: v } } }\n',
  ],
  ['a URL of another kind', 'project: p\nenvironments: { a: { url: "ftp://a.test" } }\n'],
  ['a shell line', 'project: p\nenvironments: { a: {} }\ntests: [{ name: t, run: npm test }]\n'],
  [
    'a command without a program',
    'project: p\nenvironments: { a: {} }\ntests: [{ name: t, run: [] }]\n',
  ],
  ['a number in text', 'project: p\nenvironments: { a: {} }\nevidence_hours: "24"\n'],
])('refuses %s, as gonogo does', async (_, yaml) => {
  expect((await problemsOf(directory(), yaml)).length).toBeGreaterThan(0)
  expect(editorAccepts(yaml)).toBe(false)
})
