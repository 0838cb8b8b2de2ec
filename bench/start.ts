/**
 * What the starts that somebody waits for cost in CPU time: `gonogo --version` and `gonogo --help` to
 * their end, `gonogo mcp` to its first answer (the handshake) and to its answer to tools/list. Each as
 * a multiple of `node -e 0`, taken in turns in one run, so that a busy machine slows all of them alike.
 * The ratio is what can be compared between machines; nothing is asserted. Linux only, because of
 * where CPU time is read. Needs a built dist: `npm run bench`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const rounds = Number(process.argv[2] ?? 20)
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
if (!existsSync(main)) throw new Error('there is no dist/main.js: run npm run build')

const clientInfo = { name: 'bench', version: '1' }
const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
const opening = { jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize }
const rest = [
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/list' },
]

/** Milliseconds of user and system time of a process that runs to its end. */
function toEnd(args: readonly string[]): number {
  const script = 'TIMEFORMAT="%3U %3S"; { time "$@" >/dev/null 2>&1; } 2>&1'
  const text = execFileSync('bash', ['-c', script, 'bash', process.execPath, ...args])
  const [user, system] = text.toString().trim().split(' ').map(Number)
  return (user! + system!) * 1000
}

/** Milliseconds of CPU time until the answer with this id is here, over all threads. */
async function toAnswer(args: readonly string[], id: number): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = new Promise((resolve) => child.once('close', resolve))
  const taken = Promise.withResolvers<number>()
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (output.includes(`"id":${id}}`) || output.includes(`"id":${id},`)) {
      taken.resolve(cpuOf(child.pid!))
    }
  })
  child.stdin.write(`${JSON.stringify(opening)}\n`)
  // Like a client: what follows the handshake is sent when it has been answered.
  if (id > 1) {
    child.stdout.once('data', () => {
      child.stdin.write(rest.map((message) => `${JSON.stringify(message)}\n`).join(''))
    })
  }
  const failed = closed.then(() => Promise.reject(new Error('it ended without an answer')))
  const time = await Promise.race([taken.promise, failed])
  child.kill('SIGKILL')
  await closed
  failed.catch(() => undefined)
  return time
}

/** What a running process has used so far: proc(5), schedstat, nanoseconds, one line a thread. */
function cpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6
}

const subjects: readonly { name: string; take: () => number | Promise<number> }[] = [
  { name: 'node -e 0', take: () => toEnd(['-e', '0']) },
  { name: 'gonogo --version', take: () => toEnd([main, '--version']) },
  { name: 'gonogo --help', take: () => toEnd([main, '--help']) },
  { name: 'gonogo mcp: first answer', take: () => toAnswer([main, 'mcp'], 1) },
  { name: 'gonogo mcp: tools/list', take: () => toAnswer([main, 'mcp'], 2) },
]

function median(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)]!
}

const times = new Map(subjects.map(({ name }) => [name, [] as number[]]))
// One round before the first that counts: it fills the disk cache.
for (let round = 0; round <= rounds; round++) {
  for (const { name, take } of subjects) {
    const time = await take()
    if (round > 0) times.get(name)!.push(time)
  }
}
const floor = median(times.get(subjects[0]!.name)!)
console.log(`CPU time, median of ${rounds} rounds, node ${process.versions.node}`)
for (const { name } of subjects) {
  const own = median(times.get(name)!)
  console.log(`${name.padEnd(26)} ${own.toFixed(0).padStart(5)} ms  ${(own / floor).toFixed(2)} x`)
}
