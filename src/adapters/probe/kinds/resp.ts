import type { Socket } from 'node:net'

/** What Redis answers with, in the second version of its protocol, which every Redis speaks. */
export type Reply = string | number | null | Reply[]

/** What Redis answered instead of doing it. */
export class RedisError extends Error {}

/** Sends one command and waits for its answer. One at a time: no answer belongs to another command. */
export type Send = (...command: string[]) => Promise<Reply>

const mostBytes = 1024 * 1024
const deepest = 8

/** Commands and answers over a connection. What ends the connection ends the waiting. */
export function respOver(socket: Socket): Send {
  let unread = Buffer.alloc(0)
  let waiting: PromiseWithResolvers<Reply> | null = null
  let broken: Error | null = null
  const fail = (error: Error) => {
    broken ??= error
    waiting?.reject(broken)
  }
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk])
    try {
      const found = readReply(unread, 0, deepest)
      if (found === null && unread.length <= mostBytes) return
      if (found === null) throw new Error('the answer is longer than 1 MiB')
      unread = unread.subarray(found.end)
      const { value } = found
      if (value instanceof RedisError) waiting?.reject(value)
      else waiting?.resolve(value)
    } catch (error) {
      fail(error as Error)
    }
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection was closed before the answer ended')))
  return async (...command) => {
    if (broken) throw broken
    waiting = Promise.withResolvers()
    socket.write(encode(command))
    return await waiting.promise
  }
}

function encode(command: readonly string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
  return `*${command.length}\r\n${parts.join('')}`
}

interface Found<T> {
  value: T
  /** Where the next answer begins. */
  end: number
}

/** The answer that begins at `start`; null when it has not come to its end. */
function readReply(bytes: Buffer, start: number, depth: number): Found<Reply | RedisError> | null {
  const line = readLine(bytes, start)
  if (line === null) return null
  const { value: text, end } = line
  const rest = text.slice(1)
  switch (text.slice(0, 1)) {
    case '+':
      return { value: rest, end }
    case '-':
      return { value: new RedisError(rest), end }
    case ':':
      return { value: Number(rest), end }
    case '$':
      return readText(bytes, end, lengthOf(rest))
    case '*':
      return readList(bytes, end, lengthOf(rest), depth)
    default:
      throw new Error(notRedis)
  }
}

const notRedis = 'the answer is not one of Redis'

function lengthOf(text: string): number {
  if (!/^(?:-1|\d{1,10})$/.test(text)) throw new Error(notRedis)
  return Number(text)
}

function readLine(bytes: Buffer, start: number): Found<string> | null {
  const end = bytes.indexOf('\r\n', start)
  return end < 0 ? null : { value: bytes.toString('utf8', start, end), end: end + 2 }
}

function readText(bytes: Buffer, start: number, length: number): Found<Reply> | null {
  if (length < 0) return { value: null, end: start }
  const end = start + length
  if (bytes.length < end + 2) return null
  return { value: bytes.toString('utf8', start, end), end: end + 2 }
}

function readList(
  bytes: Buffer,
  start: number,
  length: number,
  depth: number,
): Found<Reply> | null {
  if (length < 0) return { value: null, end: start }
  if (depth === 0) throw new Error('the answer is nested too deeply')
  const value: Reply[] = []
  let end = start
  while (value.length < length) {
    const member = readReply(bytes, end, depth - 1)
    if (member === null) return null
    end = member.end
    value.push(member.value instanceof RedisError ? member.value.message : member.value)
  }
  return { value, end }
}
