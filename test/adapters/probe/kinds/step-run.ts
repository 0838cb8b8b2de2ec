import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { createProcesses } from '../../../../src/adapters/process/processes.ts'
import { createHosts } from '../../../../src/adapters/probe/hosts.ts'
import type { HttpRun } from '../../../../src/adapters/probe/kinds/http.ts'
import { runWorkerStep } from '../../../../src/adapters/probe/kinds/worker.ts'
import { createMask } from '../../../../src/adapters/probe/mask.ts'
import type { StepOutcome, StepRun } from '../../../../src/adapters/probe/step-outcome.ts'
import type { WorkerStep } from '../../../../src/core/smoke.ts'
import type { Scalar } from '../../../../src/adapters/probe/template.ts'

/** One attempt at a step, as the runner makes it; `told` is what a person would read of it. */
export interface Attempt {
  run: StepRun
  captured: Record<string, Scalar>
  told: (outcome: StepOutcome) => string
}

export function anAttempt(
  options: {
    variables?: Record<string, string>
    values?: Record<string, Scalar>
    hosts?: readonly string[]
    timeoutMs?: number
    signal?: AbortSignal
    directory?: string
  } = {},
): Attempt {
  const { variables = {}, hosts = ['127.0.0.1'], timeoutMs = 10_000, signal } = options
  const mask = createMask()
  const values = new Map<string, Scalar>(Object.entries(options.values ?? {}))
  for (const [name, value] of Object.entries(variables)) {
    mask.add(value)
    values.set(`env.${name}`, value)
  }
  const captured: Record<string, Scalar> = {}
  const started = performance.now()
  const run: StepRun = {
    limits: () => ({
      totalMs: timeoutMs,
      remainingMs: started + timeoutMs - performance.now(),
      signal,
    }),
    hosts: createHosts(hosts),
    values,
    capture: (name, value) => (captured[name] = value),
    mask,
    programs: {
      processes: createProcesses(),
      directory: options.directory ?? '/',
      env: { PATH: process.env['PATH'] ?? '' },
    },
    variables,
    exchange: false,
  }
  const told = (outcome: StepOutcome) =>
    mask.show(outcome.problems.join('; ') || outcome.found, 1000)
  return { run, captured, told }
}

/** Asks about a worker, who must not be silent for more than a minute. */
export async function askWorker(
  source: WorkerStep['source'],
  variables: Record<string, string>,
  max_age_seconds: number | null = 60,
) {
  const { run, told } = anAttempt({ variables })
  const outside = { baseUrl: '', agents: null, release: null, versionPath: null }
  const frame = { name: 'worker', timeout_seconds: 5, parallel: false, retry: null } as const
  const outcome = await runWorkerStep(
    { ...frame, kind: 'worker', source, at_least: 1, max_age_seconds },
    { ...run, ...outside, sentInHeaders: new Set() } as unknown as HttpRun,
  )
  const { ran, problems } = outcome
  return { ran, passed: ran && problems.length === 0, message: told(outcome) }
}

/** Something that listens, and knows who is connected. */
export interface Listener {
  port: number
  /** Connections that are open now. */
  open(): number
  close(): Promise<void>
}

/** Takes connections and does with them what it is told; by default nothing at all. */
export async function listener(
  // Without a reader an end would never be seen.
  onConnection: (socket: Socket) => void = (socket) => void socket.resume(),
): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const taken = await listener()
  await taken.close()
  return taken.port
}
