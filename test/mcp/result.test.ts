import { expect, it } from 'vitest'
import { Failure } from '../../src/core/failure.ts'
import { toErrorResult, toResult } from '../../src/mcp/result.ts'

const hostile = '\u001b[2Jx\u202ey\u009b'
const unsafe = ['\u001b', '\u202e', '\u009b']

it('gives no control or bidirectional characters on in an error', () => {
  const failure = new Failure({ code: 'unknown_environment', message: hostile, hint: hostile })
  const text = toErrorResult(failure).content[0]!.text
  for (const character of unsafe) expect(text).not.toContain(character)
  expect(text).toMatch(/^unknown_environment: xy\nNext: xy\n/)
})

it('gives its sentence in one line, whatever a live system said', () => {
  const { content } = toResult({ output: { a: 1 }, summary: `NO-GO: ${hostile}\nforged: line` })
  expect(content[0]!.text).toBe('NO-GO: xy forged: line\n{"a":1}')
})

it('repeats nothing that looks like a secret, also where no project is open', () => {
  const secret = `ghp_${'aB3'.repeat(12)}`
  const details = { value: secret }
  const failure = new Failure({ code: 'internal', message: secret, hint: secret, details })
  expect(JSON.stringify(toErrorResult(failure))).not.toContain(secret)
})
