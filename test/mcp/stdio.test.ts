import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { lineOf } from '../../src/mcp/stdio.ts'

const never = new Promise<void>(() => undefined)

it('the first line is read as it was sent, however its bytes arrive', async () => {
  const text = '{"id":"é-日本-🚀"}'
  const stream = new PassThrough()
  const line = lineOf(stream, never)
  for (const byte of Buffer.from(`${text}\nmore`)) stream.write(Buffer.from([byte]))
  expect(await line).toBe(text)
})
