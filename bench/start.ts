/**
 * How long the two starts that somebody waits for take: `gonogo --help` to its end, and `gonogo mcp` to
 * its first answer to tools/list. Both beside the floor, a bare Node that answers one line of JSON, in
 * turns in one run, so that a busy machine slows all of them alike. The ratio is what can be compared
 * between machines; nothing is asserted. Needs a built dist: `npm run bench`.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const rounds = Number(process.argv[2] ?? 20)
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
if (!existsSync(main)) throw new Error('there is no dist/main.js: run npm run build')

/** The least a server in this language can be: it reads a line and answers its id. */
const responder = `
let text = ''
process.stdin.on('data', (chunk) => {
  text += chunk
  for (let end; (end = text.indexOf('\\n')) >= 0; text = text.slice(end + 1)) {
    const { id } = JSON.parse(text.slice(0, end))
    if (id !== undefined) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result: {} }) + '\\n')
  }
})`

const clientInfo = { name: 'bench', version: '1' }
const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
const messages = [
  { jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/list' },
]
const lines = messages.map((message) => `${JSON.stringify(message)}\n`).join('')

/** Milliseconds from the start of the process to its end. */
async function toEnd(args: readonly string[]): Promise<number> {
  return await measure(args, '', () => false)
}

/** Milliseconds from the start of the process to its answer to the last message. */
async function toAnswer(args: readonly string[]): Promise<number> {
  return await measure(args, lines, (output) => output.includes('"id":2'))
}

async function measure(
  args: readonly string[],
  input: string,
  done: (output: string) => boolean,
): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  let answered: number | null = null
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (answered !== null || !done(output)) return
    answered = performance.now() - started
    child.stdin.end()
  })
  if (input === '') child.stdin.end()
  else child.stdin.write(input)
  const [code] = await new Promise<[number | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...ended) => resolve([ended[0]]))
  })
  if (code !== 0) throw new Error(`${args.join(' ').slice(0, 60)} ended with ${code}`)
  return answered ?? performance.now() - started
}

interface Subject {
  name: string
  take: () => Promise<number>
  /** What it is compared with; null for a floor. */
  floor: string | null
}

const subjects: readonly Subject[] = [
  { name: 'node, to its end', floor: null, take: () => toEnd(['-e', responder]) },
  { name: 'gonogo --help', floor: 'node, to its end', take: () => toEnd([main, '--help']) },
  { name: 'node, to its answer', floor: null, take: () => toAnswer(['-e', responder]) },
  { name: 'gonogo mcp', floor: 'node, to its answer', take: () => toAnswer([main, 'mcp']) },
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
console.log(`median of ${rounds} rounds, node ${process.versions.node}`)
for (const { name, floor } of subjects) {
  const own = median(times.get(name)!)
  const ratio = floor === null ? '' : `  ${(own / median(times.get(floor)!)).toFixed(2)} x`
  console.log(`${name.padEnd(20)} ${own.toFixed(0).padStart(5)} ms${ratio}`)
}
