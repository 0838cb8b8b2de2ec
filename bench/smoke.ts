/**
 * What 1,000 smoke checks in parallel cost: the time that a run of gonogo's probe takes against the same
 * 1,000 requests by a bare node:http agent with 64 sockets, both at 64 at a time, on one loopback server
 * in a process of its own. Taken in turns in one run, so that a busy machine slows both alike; the median
 * of the ratios is what can be compared between machines. Nothing is asserted. `npm run bench`, or
 * `node bench/smoke.ts [rounds]`.
 */
import { fork } from 'node:child_process'
import http from 'node:http'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createProbe } from '../src/adapters/probe/probe.ts'
import { inParallel } from '../src/adapters/probe/parallel.ts'
import type { HttpStep } from '../src/core/smoke.ts'

const checks = 1000
const sockets = 64
const headers = { authorization: 'Bearer a-secret-of-some-length', 'user-agent': 'bench' }

if (process.argv[2] === 'serve') serve()
else await measure(Number(process.argv[2] ?? 15))

/** Answers like a small API. */
function serve(): void {
  const server = http.createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end('{"status":"ok","items":[{"id":1,"name":"one"},{"id":2,"name":"two"}]}')
  })
  server.listen(0, '127.0.0.1', () => {
    process.send?.((server.address() as { port: number }).port)
  })
}

async function measure(rounds: number): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['serve'])
  const [port] = (await once(child, 'message')) as [number]
  const url = `http://127.0.0.1:${port}`
  const bare: number[] = []
  const probed: number[] = []
  try {
    // Rounds before the first that counts: they warm up both sides.
    for (let round = -3; round < rounds; round++) {
      const [one, other] = [await timed(() => bareRequests(url)), await timed(() => smoke(url))]
      if (round < 0) continue
      bare.push(one)
      probed.push(other)
    }
  } finally {
    child.kill('SIGKILL')
  }
  const [floor, own] = [median(bare), median(probed)]
  // Of each round by itself: the two next to each other ran on an equally busy machine.
  const ratio = median(probed.map((time, round) => time / bare[round]!))
  console.log(`${checks} checks, ${sockets} sockets, median of ${rounds} rounds`)
  console.log(`bare node:http agent       ${floor.toFixed(0).padStart(5)} ms  1.00 x`)
  console.log(`smoke run                  ${own.toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)} x`)
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function median(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)]!
}

/** What any client has to do: send, read the whole answer, look at the status and parse it. */
async function bareRequests(url: string): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: sockets })
  const paths = Array.from({ length: checks }, (_, index) => `/check/${index}`)
  await inParallel(paths, sockets, (path) => bareRequest(`${url}${path}`, agent))
  agent.destroy()
}

function bareRequest(url: string, agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers }, (response) => {
      const chunks: Uint8Array[] = []
      response.on('data', (chunk: Uint8Array) => void chunks.push(chunk))
      response.on('end', () => {
        JSON.parse(Buffer.concat(chunks).toString('utf8'))
        if (response.statusCode === 200) resolve()
        else reject(new Error(`answered ${response.statusCode}`))
      })
    })
    request.on('error', reject)
  })
}

async function smoke(url: string): Promise<void> {
  const probe = createProbe({ now: () => Date.now() })
  const results = await probe.smoke({
    baseUrl: url,
    steps: Array.from({ length: checks }, (_, index) => stepOf(index)),
    variables: { TOKEN: 'a-secret-of-some-length' },
    timeoutMs: 60_000,
    concurrency: sockets,
  })
  const broken = results.find(({ passed }) => !passed)
  if (broken) throw new Error(`${broken.name}: ${broken.message}`)
}

function stepOf(index: number): HttpStep {
  return {
    kind: 'http',
    name: `check ${index}`,
    method: 'GET',
    path: `/check/${index}`,
    url: null,
    headers: { authorization: 'Bearer {{env.TOKEN}}' },
    body: undefined,
    expect: {
      status: 200,
      headers: {},
      json: { 'items.0.id': 1 },
      json_schema: null,
      body_contains: [],
      body_not_contains: [],
      latency: null,
      tls_days_left: null,
      version: false,
    },
    capture: {},
    capture_headers: {},
    follow_redirects: false,
    timeout_seconds: 10,
    parallel: true,
    retry: null,
  }
}
