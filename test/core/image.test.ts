import { expect, it } from 'vitest'
import { imageName, isBuiltFrom, runsAsRoot, type ImageRule } from '../../src/core/image.ts'

const sha = 'abcdef0123456789abcdef0123456789abcdef01'

function tagOf(tag: string, version: string) {
  const rule = { image: 'ghcr.io/Acme/API', tag } as ImageRule
  return imageName(rule, { sha, version })
}

it.each([
  ['{{version}}', 'v1.2.0', 'v1.2.0'],
  ['{{number}}', 'v1.2.0', '1.2.0'],
  ['{{number}}', '1.2.0', '1.2.0'],
  ['{{number}}', 'vega', 'vega'],
  ['{{version}}', sha.slice(0, 12), 'abcdef012345'],
  ['sha-{{short_sha}}', 'v1', 'sha-abcdef0'],
  ['{{version}}-{{sha}}', 'v1', `v1-${sha}`],
  ['{{version}}', 'v1.0+build', null],
  ['{{version}}', 'release/1', null],
  ['{{version}}', 'v'.repeat(129), null],
  ['-{{version}}', 'v1', null],
])('the tag %s of %s is %s', (tag, version, expected) => {
  expect(tagOf(tag, version)).toMatchObject({ image: 'ghcr.io/acme/api', tag: expected })
})

it('a user is root by name, by number, and by default', () => {
  const root = ['', 'root', '0', '0:0', '00', 'root:app', ':1000', ' ']
  expect(root.filter((user) => !runsAsRoot(user))).toEqual([])
  const others = ['app', '1000', '1000:0', 'app:root', '10', 'rooty']
  expect(others.filter(runsAsRoot)).toEqual([])
})

it('an image is built from a commit that it names in full or shortened', () => {
  const release = { sha, version: 'v1' }
  expect(
    [sha, sha.slice(0, 7), sha.toUpperCase(), ` ${sha}\n`].map((text) =>
      isBuiltFrom(text, release),
    ),
  ).toEqual([true, true, true, true])
  const no = ['', sha.slice(0, 6), 'v1', `${sha}-dirty`, `${sha}0`, '0'.repeat(40)]
  expect(no.filter((text) => isBuiltFrom(text, release))).toEqual([])
})
