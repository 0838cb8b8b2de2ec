import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readArchiveStep } from '../../../../src/adapters/github/logs/archive-step.ts'
import { directories } from '../../git/fixture.ts'
import { serverOf, type ServerOptions } from './downloads.ts'
import { zipOf, type ZipFile, type ZipOptions } from './zip.ts'

const directory = directories()
const limits = { lines: 3, bytes: 100_000 }
const lines = (count: number, word = 'line') =>
  Array.from({ length: count }, (_, index) => `${word} ${index + 1}`).join('\n')

const wanted = { name: 'deploy/3_Run migrations.txt', content: lines(50) }
const others = [
  { name: '0_deploy.txt', content: lines(5, 'whole job') },
  { name: 'deploy/system.txt', content: 'system' },
  { name: 'deploy/2_Check out.txt', content: lines(5, 'other') },
  { name: 'deploy/13_Run migrations.txt', content: lines(5, 'thirteen') },
  { name: 'deploy (2)/3_Run migrations.txt', content: lines(5, 'second') },
]

async function read(archive: Uint8Array, options: ServerOptions & { mostBytes?: number } = {}) {
  const scratch = await directory()
  const { mostBytes, ...server } = options
  const { download, asked } = serverOf(archive, server)
  const step = { number: 3, started_at: null, completed_at: null }
  const bytes = mostBytes === undefined ? {} : { mostBytes }
  const part = await readArchiveStep(download, { job: 'deploy', step, limits, scratch, ...bytes })
  expect(await readdir(scratch)).toEqual([])
  return { ...part, asked }
}

const last = ['line 48', 'line 49', 'line 50']

describe('the last lines of one step', () => {
  test.each([
    ['deflated', {}],
    ['stored', { method: 0 }],
    ['with its sizes behind it', { descriptor: true }],
    ['with 64-bit sizes', { zip64: true }],
  ] satisfies [string, Partial<ZipFile>][])('%s', async (_, file) => {
    const archive = zipOf([...others, { ...wanted, ...file }])
    expect(await read(archive)).toMatchObject({ lines: last, problem: null })
  })

  test.each([
    ['a 64-bit directory', { zip64: true }],
    ['a comment', { comment: 'PK\u0005\u0006 made by hand' }],
  ] satisfies [string, ZipOptions][])('out of an archive with %s', async (_, options) => {
    const archive = zipOf([...others, wanted], options)
    expect(await read(archive)).toMatchObject({ lines: last, problem: null })
  })

  test('of a large archive only its end and the entry are asked for', async () => {
    const ballast = { name: 'build/1_noise.txt', content: randomBytes(2_000_000) }
    const { asked, ...part } = await read(
      zipOf([ballast, wanted, { ...ballast, name: 'x/1_n.txt' }]),
    )
    expect(part).toEqual({ lines: last, problem: null })
    const bytes = asked.reduce((sum, request) => sum + request.bytes, 0)
    expect(asked.length).toBe(3)
    expect(bytes).toBeLessThan(600_000)
  })

  test('also from a server that only sends the whole archive', async () => {
    const ballast = { name: 'build/1_noise.txt', content: randomBytes(300_000) }
    const { asked, ...part } = await read(zipOf([ballast, wanted]), { ranges: false })
    expect(part).toEqual({ lines: last, problem: null })
    expect(asked).toHaveLength(1)
  })

  test('finds names that GitHub could not use as they are', async () => {
    const scratch = await directory()
    const job = `build / test: "a|b"? ${'x'.repeat(200)}`
    const name = `build  test ab ${'x'.repeat(75)}/3_Run.txt`
    const { download } = serverOf(zipOf([{ name, content: 'found' }]))
    const options = { job, step: { number: 3 }, limits, scratch }
    expect((await readArchiveStep(download, options)).lines).toEqual(['found'])
  })

  test('out of the log of the job, by time, where GitHub left the steps out', async () => {
    const content = [
      '2026-01-01T00:00:01.0000000Z ##[group]Run npm ci',
      '2026-01-01T00:00:01.5000000Z installed',
      '2026-01-01T00:00:02.1000000Z ##[group]Run npm test',
      '2026-01-01T00:00:02.2000000Z ##[endgroup]',
      '2026-01-01T00:00:03.2000000Z ##[error]exit code 1',
      '2026-01-01T00:00:03.3000000Z Post job cleanup.',
    ].join('\n')
    const step = {
      number: 3,
      started_at: '2026-01-01T00:00:02Z',
      completed_at: '2026-01-01T00:00:03Z',
    }
    const { download } = serverOf(zipOf([{ name: '0_deploy.txt', content }]))
    const scratch = await directory()
    const all = { job: 'deploy', limits, scratch }
    expect(await readArchiveStep(download, { ...all, step })).toEqual({
      lines: ['Run npm test', 'error: exit code 1'],
      problem: null,
    })
    const without = await readArchiveStep(download, { ...all, step: { number: 3 } })
    expect(without.problem).toContain('does not tell steps apart')
  })

  test('bytes that are no text are shown as such', async () => {
    const content = Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x62])
    expect(await read(zipOf([{ ...wanted, content }]))).toMatchObject({
      lines: ['a\ufffd\ufffd', 'b'],
      problem: null,
    })
  })

  test('a line without end is cut', async () => {
    const part = await read(zipOf([{ ...wanted, content: 'x'.repeat(1_000_000) }]))
    expect(part.lines).toHaveLength(1)
    expect(part.lines[0]).toMatch(/^…x{8000,9000}…$/)
  })
})

describe('an archive that is not what it seems', () => {
  const huge = Buffer.alloc(17 * 1024 * 1024, 'a')
  const bomb = { content: huge, claims: { size: 100 } }
  test.each<[string, RegExp, Partial<ZipFile>]>([
    ['is encrypted', /encrypted/, { flags: 1 }],
    ['is packed in another way', /method 12/, { method: 12 }],
    ['is a symbolic link', /symbolic link/, { fileType: 0o120000 }],
    ['has two names', /two names/, { localName: 'deploy/3_Run otherthing.txt' }],
    ['is longer than it says', /another size/, { claims: { size: 100 } }],
    ['is shorter than it says', /another size/, { claims: { size: 5000 } }],
    ['is damaged', /checksum/, { claims: { crc: 1 } }],
    ['is a bomb that admits it', /larger than 512 MB/, { claims: { size: 0xfffffff0 } }],
    ['is a bomb in secret', /after \d{1,5} bytes: .*another size/, bomb],
    ['is a bomb by ratio', /400 times/, { content: huge }],
    ['packs less than it says', /unexpected end/, { claims: { packedSize: 3 } }],
    ['points outside', /outside/, { claims: { offset: 0x7fffffff } }],
    ['points at something else', /no header/, { claims: { offset: 7 } }],
  ])('an entry that %s', async (_, problem, file) => {
    const archive = zipOf([...others, { ...wanted, ...file }])
    for (const ranges of [true, false]) {
      expect((await read(archive, { ranges })).problem).toMatch(problem)
    }
  })

  test.each<[string, RegExp, ZipOptions]>([
    ['too many entries', /more than 20000/, { zip64: true, claims: { count: 1_000_000 } }],
    ['more entries than there are', /damaged/, { claims: { count: 40 } }],
    ['a directory outside', /outside/, { claims: { offset: 0x7ffffff0 } }],
    ['a huge directory', /larger than 4 MB/, { claims: { size: 0x7ffffff0 } }],
    ['several parts', /several parts/, { claims: { disk: 2 } }],
  ])('%s', async (_, problem, options) => {
    const part = await read(zipOf([...others, wanted], options))
    expect(part).toMatchObject({ lines: [], problem: expect.stringMatching(problem) })
  })

  test('two entries that could be the step', async () => {
    const part = await read(zipOf([wanted, { ...wanted, content: 'forged' }]))
    expect(part).toMatchObject({ lines: [], problem: expect.stringContaining('two logs') })
  })

  test('names that climb are no name of a step', async () => {
    const names = ['../deploy/3_x.txt', '/deploy/3_x.txt', 'deploy/../3_x.txt', 'deploy/3_/x.txt']
    const part = await read(zipOf(names.map((name) => ({ name, content: 'climbed' }))))
    expect(part).toMatchObject({
      lines: [],
      problem: expect.stringContaining('no log of this step'),
    })
  })

  test('not a zip, empty, or without its end', async () => {
    const archive = zipOf([...others, wanted])
    for (const bytes of [
      Buffer.from('<html>sorry</html>'),
      Buffer.alloc(0),
      archive.subarray(0, -9),
    ])
      for (const ranges of [true, false]) {
        const part = await read(bytes, { ranges })
        expect(part).toMatchObject({
          lines: [],
          problem: expect.stringContaining('no zip archive'),
        })
      }
  })

  test('a connection that breaks', async () => {
    const archive = zipOf([{ name: 'a/1_b.txt', content: randomBytes(200_000) }, wanted])
    for (const ranges of [true, false]) {
      const part = await read(archive, { ranges, cutAfter: 30_000 })
      expect(part).toMatchObject({ lines: [], problem: expect.stringContaining('terminated') })
    }
  })

  test('larger than allowed, whether it says so or not', async () => {
    const archive = zipOf([{ name: 'a/1_b.txt', content: randomBytes(100_000) }, wanted])
    for (const ranges of [true, false]) {
      const part = await read(archive, { ranges, mostBytes: 50_000 })
      expect(part).toMatchObject({ lines: [], problem: expect.stringContaining('larger than') })
    }
  })

  test('gone', async () => {
    const options = { job: 'deploy', step: { number: 3 }, limits, scratch: await directory() }
    const part = await readArchiveStep(async () => null, options)
    expect(part).toMatchObject({ lines: [], problem: expect.stringContaining('no archive') })
  })
})
