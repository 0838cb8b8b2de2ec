import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { respOver } from '../../../../src/adapters/probe/kinds/resp.ts'
import { listener } from './step-run.ts'

/** Sends a command to somebody who answers with these pieces, one after the other. */
async function told(...pieces: string[]): Promise<unknown> {
  let heard = ''
  const server = await listener((socket) => {
    const reply = async () => {
      for (const piece of pieces) {
        socket.write(piece)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    socket.on('data', (bytes) => {
      heard += bytes.toString()
      void reply()
    })
  })
  const socket = connect(server.port, '127.0.0.1')
  const answer = await respOver(socket)('SET', 'kéy', 'a b').catch((error: Error) => error.message)
  socket.destroy()
  await server.close()
  expect(heard).toBe('*3\r\n$3\r\nSET\r\n$4\r\nkéy\r\n$3\r\na b\r\n')
  return answer
}

test.for([
  [['+OK\r\n'], 'OK'],
  [['+', 'O', 'K\r', '\n'], 'OK'],
  [[':42\r\n'], 42],
  [['$-1\r\n'], null],
  [['*-1\r\n'], null],
  [['$0\r\n\r\n'], ''],
  [['$6\r\na\r', '\nb', 'cd\r\n'], 'a\r\nbcd'],
  [
    ['*2\r\n$1\r\na\r\n', '*2\r\n:1\r\n$-1\r\n'],
    ['a', [1, null]],
  ],
  [['-ERR no\r\n'], 'ERR no'],
  [['HTTP/1.1 400 Bad Request\r\n'], 'the answer is not one of Redis'],
  [['$abc\r\n'], 'the answer is not one of Redis'],
  [['*1\r\n'.repeat(20)], 'the answer is nested too deeply'],
  [[`$2000000\r\n${'x'.repeat(1_200_000)}`], 'the answer is longer than 1 MiB'],
] as const)('%j', async ([pieces, expected]) => {
  expect(await told(...pieces)).toEqual(expected)
})
