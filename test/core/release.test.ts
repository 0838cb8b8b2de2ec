import { describe, expect, it } from 'vitest'
import { readPath } from '../../src/core/json-path.ts'
import { isFullSha, namesRelease, shortVersion } from '../../src/core/release.ts'

const sha = '0123456789abcdef0123456789abcdef01234567'
const release = { sha, version: 'v1.4.0' }

describe('namesRelease', () => {
  it.each([
    ['the version', 'v1.4.0'],
    ['the full commit', sha],
    ['twelve digits of it', sha.slice(0, 12)],
    ['seven digits of it', sha.slice(0, 7)],
    ['the version with white space around it', ' v1.4.0\n'],
  ])('knows %s', (_, reported) => {
    expect(namesRelease(reported, release)).toBe(true)
  })

  it.each([
    ['six digits, which many commits share', sha.slice(0, 6)],
    ['another commit', 'f'.repeat(40)],
    ['digits from the middle', sha.slice(3, 15)],
    ['more than the commit', `${sha}0`],
    ['another version', 'v1.4'],
    ['a version around it', 'v1.4.0-rc1'],
    ['nothing', ''],
    ['white space', ' '],
  ])('does not take %s for it', (_, reported) => {
    expect(namesRelease(reported, release)).toBe(false)
  })
})

it('names a commit without a tag by its first twelve digits', () => {
  expect(shortVersion(sha)).toBe('0123456789ab')
})

it('knows a full commit hash of either length', () => {
  expect(isFullSha(sha)).toBe(true)
  expect(isFullSha('a'.repeat(64))).toBe(true)
  expect(isFullSha(sha.slice(1))).toBe(false)
  expect(isFullSha(sha.toUpperCase())).toBe(false)
})

describe('readPath', () => {
  const answer = { data: { items: [{ id: 7 }, { id: null }], 'a-b': '' } }

  it.each([
    ['data.items.0.id', 7],
    ['data.items.1.id', null],
    ['data.a-b', ''],
    ['data.items.length', 2],
    ['data.items.2', undefined],
    ['data.none.id', undefined],
    ['data.a-b.length', undefined],
    ['', undefined],
  ])('finds %j', (path, value) => {
    expect(readPath(answer, path)).toEqual(value)
  })

  it('reads own properties only', () => {
    expect(readPath({}, 'constructor')).toBeUndefined()
    expect(readPath({}, '__proto__.toString')).toBeUndefined()
  })

  it('finds nothing in what is no object', () => {
    for (const value of ['text', 3, null, undefined]) expect(readPath(value, 'a')).toBeUndefined()
  })
})
