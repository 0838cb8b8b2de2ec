import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const repository = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(repository, file), 'utf8')

/** A route without the names of its parameters, which are the API's in the code and short in the page. */
const shape = (route: string) => route.replace(/\{\w+\}(?:\.\.\.\{\w+\})?/g, '{}')

/** The library for Apps has its own, and the plan shows an address that is not asked for. */
const isOurs = (text: string) => !/^\/(?:app|installation)\b|\$\{/.test(text)

it('every route that is asked for is in the table of requests, and no other', () => {
  const sources = globSync('src/adapters/github/**/*.ts', { cwd: repository })
  const roots = 'actions|app|branches|commits|compare|contents|deployments|environments|git|orgs'
  const more = 'issues|pulls|rate_limit|releases|repos|rules|rulesets|tags|tarball|user'
  const route = new RegExp(`['\`](?:[A-Z]+ )?(/(?:${roots}|${more})(?:/[^'\`\\s]*)?)['\`]`, 'g')
  const asked = sources.flatMap((file) =>
    Array.from(read(file).matchAll(route), ([, found = '']) => found),
  )
  const verbs = ['cancel', 'force-cancel']
  const routes = asked.flatMap((text) =>
    text.includes('${verb}') ? verbs.map((verb) => text.replace('${verb}', verb)) : [text],
  )
  const [, table = ''] = /## Requests\n([^]*?)\n## /.exec(read('docs/github.md')) ?? []
  const told = Array.from(
    table.matchAll(/`(?:[A-Z]+ )?(?:…)?(\/[^`]+)`/g),
    ([, found = '']) => found,
  )
  expect(routes.length).toBeGreaterThan(20)
  expect(new Set(told.filter(isOurs).map(shape))).toEqual(new Set(routes.filter(isOurs).map(shape)))
})
