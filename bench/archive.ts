/**
 * What the last 20 lines of one step out of a 50 MB run archive cost in memory: read with gonogo's own
 * download and reader, from a server on this machine that sends parts and from one that does not, against
 * unpacking the whole archive. Each once, in a process of its own that has done the same with a small
 * archive before; what is printed is how far the highest resident memory rises above that. When garbage
 * is collected is up to Node, so the figures differ by several MB from run to run. Nothing is asserted.
 * Linux only, because of where memory is read. Runs from the sources: `node bench/archive.ts`.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openDownload } from '../src/adapters/github/client/download.ts'
import { collect } from '../src/adapters/github/archive/archive-bytes.ts'
import type { OpenDownload } from '../src/adapters/github/archive/archive-bytes.ts'
import { readArchiveStep } from '../src/adapters/github/logs/archive-step.ts'
import { readDirectory } from '../src/adapters/github/archive/zip-directory.ts'
import { readEntry } from '../src/adapters/github/archive/zip-entry.ts'
import { zipOf } from '../test/adapters/github/logs/zip.ts'

const subjects = {
  'with parts': lastLines,
  'without parts': (url: string, scratch: string) => lastLines(`${url}?whole`, scratch),
  'whole archive': wholeArchive,
}
type Subject = keyof typeof subjects

const time = '2026-01-31T12:00:00.1234567Z'
const jobs = ['build', 'test', 'deploy', 'notify']

const [subject, base] = process.argv.slice(2)
if (subject !== undefined) await measure(subject as Subject, base!)
else await compare()

async function lastLines(url: string, scratch: string): Promise<string> {
  const limits = { lines: 20, bytes: 128 * 1024 }
  const options = { job: 'deploy', step: { number: 3 }, limits, scratch }
  const { lines, problem } = await readArchiveStep(opener(url), options)
  if (problem !== null) throw new Error(problem)
  return lines.join('\n')
}

/** As one does it without thinking: everything is fetched, and everything is unpacked. */
async function wholeArchive(url: string): Promise<string> {
  const whole = new Uint8Array(await (await fetch(url)).arrayBuffer())
  const archive = {
    size: whole.length,
    close: async () => undefined,
    async *read(from: number, length: number) {
      yield whole.subarray(from, from + length)
    },
  }
  const directory = await readDirectory(archive, () => true)
  const files = new Map<string, string>()
  for (const entry of directory.entries) {
    await readEntry(archive, entry, directory.offset, async (content) => {
      files.set(entry.name, (await collect(content)).toString())
    })
  }
  return files.get('deploy/3_Run migrations.txt')!.split('\n').slice(-20).join('\n')
}

function opener(url: string): OpenDownload {
  const deps = {
    apiUrl: new URL(url).origin,
    env: {},
    token: async () => 'none',
    renew: async () => false,
    userAgent: 'bench',
    asked: { method: 'GET', path: url, source: 'bench', settings: url, now: Date.now() },
  }
  return (range) => openDownload(deps, url, range ? { range } : {})
}

/** In the process of one subject: prints by how many bytes it raised the highest resident memory. */
async function measure(name: Subject, url: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'gonogo-bench-'))
  try {
    for (let round = 0; round < 3; round++) await subjects[name](`${url}/small`, scratch)
    const before = highestResident()
    const lines = await subjects[name](`${url}/large`, scratch)
    if (lines.split('\n').length !== 20) throw new Error(`not 20 lines: ${lines}`)
    console.log(highestResident() - before)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Bytes: proc(5), VmHWM. The operating system's usage counters inherit what the parent used. */
function highestResident(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024
}

/** Lines of a log that pack about five to one. */
function noise(bytes: number): string {
  const lines = Array.from({ length: Math.ceil(bytes / logLine().length) }, logLine)
  return lines.join('\n')
}

function logLine(): string {
  return `${time} compiled src/components/${randomBytes(9).toString('hex')}.ts in 12 ms`
}

/** Four jobs of five steps each, all with the same log. */
function archiveOf(megabytes: number): Buffer {
  const content = noise((megabytes * 1024 * 1024 * 5) / 20)
  const steps = [1, 2, 3, 4, 5].map((number) => `${number}_Run migrations.txt`)
  const names = jobs.flatMap((job) => steps.map((step) => `${job}/${step}`))
  return zipOf(names.map((name) => ({ name, content })))
}

function serve(archives: ReadonlyMap<string, Buffer>) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const [path = '', whole] = request.url!.split('?')
    const archive = archives.get(path)!
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    if (!range || whole !== undefined) {
      response.writeHead(200, { 'content-length': archive.length }).end(archive)
      return
    }
    const part = archive.subarray(Number(range[1]), Number(range[2]) + 1)
    const total = `bytes ${range[1]}-${range[2]}/${archive.length}`
    response.writeHead(206, { 'content-length': part.length, 'content-range': total }).end(part)
  }
}

async function compare(): Promise<void> {
  const archives = new Map([
    ['/small', archiveOf(1)],
    ['/large', archiveOf(70)],
  ])
  const server = createServer(serve(archives)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const size = archives.get('/large')!.length / 1024 / 1024
  console.log(
    `last 20 lines of a step, archive of ${size.toFixed(0)} MB, node ${process.versions.node}`,
  )
  try {
    const extra = new Map<string, number>()
    for (const name of Object.keys(subjects)) {
      const argv = [fileURLToPath(import.meta.url), name, url]
      const { stdout } = await promisify(execFile)(process.execPath, argv)
      extra.set(name, Number(stdout))
    }
    const whole = extra.get('whole archive')!
    for (const [name, bytes] of extra) {
      const share = (whole / Math.max(bytes, 1)).toFixed(1)
      const told = `${(bytes / 1024 / 1024).toFixed(1)} MB`
      console.log(`${name.padEnd(16)} ${told.padStart(10)}   1/${share} of the whole archive's`)
    }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
