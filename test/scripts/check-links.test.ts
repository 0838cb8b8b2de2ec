import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { runScript, useCopy } from './copy.ts'

const copy = useCopy(['scripts/check-links.ts', 'package.json'])

beforeEach(() => {
  rmSync(join(copy, 'docs'), { recursive: true, force: true })
  mkdirSync(join(copy, 'docs'))
  writeFileSync(join(copy, 'docs/other.md'), '# Other things\n\n## What `it` does\n')
})

function check(text: string): string[] {
  writeFileSync(join(copy, 'docs/page.md'), text)
  const { status, stderr } = runScript(copy, 'check-links.ts')
  expect(status).toBe(stderr === '' ? 0 : 1)
  return stderr.trim().split('\n')
}

it('links that lead somewhere are fine', () => {
  const links = [
    '[a](other.md)',
    '[b](other.md#what-it-does)',
    '[c](#here)',
    '[d](../package.json)',
  ]
  expect(check(`# Here\n${links.join('\n')}\n[e](https://example.com/nothing)\n`)).toEqual([''])
})

it('a missing file and a missing heading are named', () => {
  expect(check('[a](gone.md) [b](other.md#gone)')).toEqual([
    'docs/page.md: gone.md does not exist',
    'docs/page.md: other.md#gone names no heading',
  ])
})

it('what only looks like a link in a code block is none', () => {
  expect(check('```\n[a](gone.md)\n```\n')).toEqual([''])
})
