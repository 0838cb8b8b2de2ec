import { createClient } from '@redis/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runRedisStep } from '../../../../src/adapters/probe/kinds/redis.ts'
import type { RedisStep } from '../../../../src/core/smoke.ts'
import { describeWith, startRedis, type Service } from '../../../support/services.ts'
import { until } from '../../../support/until.ts'
import { useAuthority } from '../../../support/certificates.ts'
import { anAttempt, askWorker, closedPort, listener, type Listener } from './step-run.ts'
import { tlsFront } from './tls-front.ts'

const trusted = useAuthority()

function step(change: Partial<RedisStep> = {}): RedisStep {
  return {
    kind: 'redis',
    name: 'cache',
    timeout_seconds: 10,
    parallel: false,
    retry: null,
    url: '{{env.REDIS_URL}}',
    round_trip: false,
    ...change,
  }
}

async function ask(
  url: string,
  change: Partial<RedisStep> = {},
  options: Parameters<typeof anAttempt>[0] = {},
) {
  const { run, told } = anAttempt({ ...options, variables: { REDIS_URL: url } })
  const { ran, problems, ...rest } = await runRedisStep(step(change), run)
  return { ran, passed: ran && problems.length === 0, message: told({ ran, problems, ...rest }) }
}

describeWith('redis-server', 'a step that asks Redis', () => {
  let redis: Service
  let person: { sendCommand: (command: string[]) => Promise<unknown>; destroy: () => void }

  beforeAll(async () => {
    redis = await startRedis()
    const client = createClient({ url: redis.url, socket: { reconnectStrategy: false } })
    client.on('error', () => undefined)
    person = await client.connect()
  })
  afterAll(async () => await redis?.stop())

  /** What somebody else sees in it. */
  const see = (...command: string[]) => person.sendCommand(command)

  test('passes when PING is answered', async () => {
    expect(await ask(redis.url)).toEqual({ ran: true, passed: true, message: 'PONG' })
  })

  test('writes, reads back and deletes a key of its own', async () => {
    await see('SET', 'kept', 'value')
    await see('CONFIG', 'RESETSTAT')
    expect(await ask(`${redis.url}/0`, { round_trip: true })).toEqual({
      ran: true,
      passed: true,
      message: 'PONG, a value written, read back and deleted',
    })
    expect(await see('KEYS', '*')).toEqual(['kept'])
    const used = JSON.stringify(await see('INFO', 'commandstats'))
    for (const command of ['set', 'get', 'del'])
      expect(used).toContain(`cmdstat_${command}:calls=1`)
  })

  test('a Redis that answers PING but keeps nothing fails the round trip', async () => {
    await see('CONFIG', 'SET', 'maxmemory', '1')
    const answers = [await ask(redis.url), await ask(redis.url, { round_trip: true })]
    await see('CONFIG', 'SET', 'maxmemory', '0')
    expect(answers.map(({ passed }) => passed)).toEqual([true, false])
    expect(answers[1]?.message).toContain('Redis answered: OOM command not allowed')
  })

  test('a wrong or missing password fails, and is not told', async () => {
    const wrong = await ask(redis.url.replace(redis.password, 'wr0ng-s3cret'))
    expect(wrong).toEqual({
      ran: true,
      passed: false,
      message: 'Redis answered: WRONGPASS invalid username-password pair or user is disabled.',
    })
    const none = await ask(redis.url.replace(`:${redis.password}@`, ''))
    expect(none.message).toBe('Redis answered: NOAUTH Authentication required.')
  })

  test('a host that accepts and stays silent fails at the limit, and is let go', async () => {
    const silent = await listener()
    const url = `redis://:s3cret-word@127.0.0.1:${silent.port}`
    const started = performance.now()
    const answer = await ask(url, {}, { timeoutMs: 200 })
    expect(performance.now() - started).toBeLessThan(2000)
    expect(answer).toMatchObject({ ran: true, passed: false })
    expect(answer.message).toMatch(/^no (?:answer|connection) within 200 ms$/)
    await until('the end of the connection', () => silent.open() === 0)
    await silent.close()
  })

  test('an interruption ends it at once', async () => {
    const silent = await listener()
    const stop = new AbortController()
    const asking = ask(`redis://127.0.0.1:${silent.port}`, {}, { signal: stop.signal })
    await until('the connection', () => silent.open() === 1)
    stop.abort()
    expect(await asking).toEqual({ ran: false, passed: false, message: 'interrupted' })
    await until('the end of the connection', () => silent.open() === 0)
    await silent.close()
  })

  test('nobody there, a host that hangs up, and one that speaks something else', async () => {
    expect((await ask(`redis://127.0.0.1:${await closedPort()}`)).message).toBe(
      'connection refused',
    )
    const rude = await listener((socket) => socket.resume().end())
    expect((await ask(`redis://127.0.0.1:${rude.port}`)).message).toBe(
      'the connection was closed before the answer ended',
    )
    await rude.close()
    const other = await listener((socket) =>
      socket.resume().write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    expect((await ask(`redis://127.0.0.1:${other.port}`)).message).toBe(
      'the answer is not one of Redis',
    )
    await other.close()
  })

  test('TLS is spoken where the URL says so, and a server without it fails', async () => {
    const url = redis.url.replace('redis:', 'rediss:')
    expect(await ask(url, {}, { timeoutMs: 150 })).toMatchObject({ ran: true, passed: false })
  })

  test('a bad certificate fails, unless the URL says that nobody looks', async () => {
    const authority = trusted()
    const good = await tlsFront(authority.issue(40), redis.port, 'at once')
    const expired = await tlsFront(authority.issue(-3), redis.port, 'at once')
    const asked = async ({ port }: Listener, options = '') => {
      const url = redis.url.replace('redis:', 'rediss:').replace(`:${redis.port}`, `:${port}`)
      return (await ask(`${url}${options}`)).message
    }
    expect(await asked(good)).toBe('PONG')
    expect(await asked(expired)).toBe('the certificate has expired')
    expect(await asked(expired, '/0?ssl_cert_reqs=none')).toBe('PONG')
    await good.close()
    await expired.close()
  })

  test('a URL that is none is not asked, and not told', async () => {
    expect(await ask('memcached://ada:hunter22@cache/0')).toEqual({
      ran: false,
      passed: false,
      message:
        'the URL in REDIS_URL is not usable: expected redis://user:password@host:6379/0, or rediss:// for TLS',
    })
    expect((await ask('redis://:hunter22@cache/first')).message).toBe(
      'what follows the host in the URL is no number of a database, such as /0',
    )
  })

  test('addresses of clouds and of neighbours are refused before anything is sent', async () => {
    const { ran, message } = await ask('redis://:hunter22@169.254.1.1')
    expect(ran).toBe(false)
    expect(message).toContain('169.254.1.1 is link-local')
  })

  describe('a worker that writes down when it was there', () => {
    const source = { from: 'redis', url: '{{env.REDIS_URL}}', key: 'beat:{{env.NAME}}' } as const
    const look = (limit?: number | null) =>
      askWorker(source, { REDIS_URL: redis.url, NAME: 'celery' }, limit)

    test('is alive, silent for too long, or was never there', async () => {
      expect(await look()).toMatchObject({
        ran: true,
        passed: false,
        message: 'there is no key beat:{{env.NAME}}: no sign of life, or it has run out',
      })
      const now = Math.floor(Date.now() / 1000)
      await see('SET', 'beat:celery', String(now - 5))
      expect(await look()).toMatchObject({ passed: true, message: 'alive' })
      await see('SET', 'beat:celery', new Date((now - 300) * 1000).toISOString())
      const late = await look()
      expect(late).toMatchObject({ ran: true, passed: false })
      expect(late.message).toMatch(/^last sign of life 30\d s ago, more than 60 s$/)
      expect(await look(null)).toMatchObject({ passed: true, message: 'there' })
    })

    test('is unknown where Redis cannot tell', async () => {
      await see('DEL', 'beat:celery')
      await see('LPUSH', 'beat:celery', '1')
      const answer = await look()
      expect(answer).toMatchObject({ ran: false, passed: false })
      expect(answer.message).toMatch(/^unknown: Redis answered: WRONGTYPE/)
      const gone = `redis://127.0.0.1:${await closedPort()}`
      expect(await askWorker(source, { REDIS_URL: gone, NAME: 'x' })).toMatchObject({
        ran: false,
        message: 'unknown: connection refused',
      })
    })
  })

  // The last one: it ends the server.
  test('a server that is killed while it is asked fails it', async () => {
    await see('CLIENT', 'PAUSE', '30000', 'ALL')
    const asking = ask(redis.url)
    await redis.kill()
    const { passed, message } = await asking
    expect(passed).toBe(false)
    expect(message).toMatch(/the connection was (?:closed|reset)|connection refused/)
  })
})
