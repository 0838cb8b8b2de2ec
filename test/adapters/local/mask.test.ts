import { expect, it } from 'vitest'
import { createMask } from '../../../src/adapters/local/mask.ts'

function masked(secrets: string[], chunks: readonly (string | Buffer)[]): string {
  const mask = createMask(secrets)
  const parts = chunks.map((chunk) => mask.push(Buffer.from(chunk)))
  return Buffer.concat([...parts, mask.end()]).toString()
}

it('replaces every occurrence', () => {
  expect(masked(['s3cr3t'], ['a s3cr3t, s3cr3ts3cr3t!'])).toBe('a ***, ******!')
})

it('replaces a secret wherever chunks cut it', () => {
  const text = Buffer.from('before pässword-1 after')
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      const chunks = [text.subarray(0, first), text.subarray(first, second), text.subarray(second)]
      expect(masked(['pässword-1'], chunks)).toBe('before *** after')
    }
  }
})

it('prefers the longer of two secrets that begin alike, also across a cut', () => {
  expect(masked(['token-1', 'token-1-long'], ['token-1', '-long token-1 token-1-lo'])).toBe(
    '*** *** ***-lo',
  )
})

it('leaves short values alone', () => {
  expect(masked(['', 'true', '12345', '123456'], ['true 12345 123456'])).toBe('true 12345 ***')
})

it('replaces the lines of a value that has several', () => {
  expect(masked(['-----BEGIN\nMIIEabcdef\n'], ['> MIIEabcdef <'])).toBe('> *** <')
})

it('passes on at once what cannot be part of a secret', () => {
  const mask = createMask(['secret'])
  expect(Buffer.from(mask.push(Buffer.from('line\nsec'))).toString()).toBe('line\n')
  expect(Buffer.from(mask.push(Buffer.from('ond'))).toString()).toBe('second')
})
