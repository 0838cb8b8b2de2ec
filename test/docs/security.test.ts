import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shellAttempts } from '../security/shell-attempts.ts'

const docs = join(import.meta.dirname, '../../docs')
const page = readFileSync(join(docs, 'security.md'), 'utf8')

/** What the page lists between two marks. */
function listed(mark: string): string[] {
  const [, part = ''] = new RegExp(`<!-- ${mark} -->([^]*)<!-- /${mark} -->`).exec(page) ?? []
  const items = part.replaceAll('\n  ', ' ').matchAll(/^- (.*)$/gm)
  return [...items].map(([, item = '']) => item)
}

const working = (where: string) =>
  shellAttempts.filter(({ works }) => works === where).map(({ name }) => name)

describe('docs/security.md', () => {
  it('lists every attack that works at L0, and no other', () => {
    expect(listed('works at L0')).toEqual(working('L0'))
  })

  it('lists every attack that goes around L1, and no other', () => {
    expect(listed('around L1')).toEqual(working('around'))
  })

  const links = [...page.matchAll(/\]\((\.\.\/test\/[^\s)]+)(?: "([^"]*)")?\)/g)]

  it.each(links.map(([, path = '', title]) => ({ path, title })))(
    'rests on $path: $title',
    ({ path, title }) => {
      const file = join(docs, path)
      expect(existsSync(file)).toBe(true)
      expect(title).toBeDefined()
      expect(readFileSync(file, 'utf8')).toContain(title)
    },
  )

  it('names no test that is not there', () => {
    const named = [...page.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, path = '']) => path)
    expect(named.length).toBeGreaterThan(0)
    for (const path of named) expect(existsSync(join(docs, '..', path)), path).toBe(true)
  })
})
