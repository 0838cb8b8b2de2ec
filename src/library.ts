import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type * as z from 'zod'
import { isUnderWay } from './core/deployment.ts'
import { Failure } from './core/failure.ts'
import { lookEveryMs } from './core/pace.ts'
import type { Principal } from './core/principal.ts'
import { oneLine } from './core/text.ts'
import type {
  CallOptions,
  FollowOptions,
  Gonogo,
  GonogoOptions,
  OutputOf,
} from './library-types.ts'
import type { Call, Context } from './ports/context.ts'
import type { Tool } from './tools/define-tool.ts'
import { deployToStaging } from './tools/deploy-to-staging.ts'
import { getDeploymentStatus } from './tools/get-deployment-status.ts'
import { listDeployments } from './tools/list-deployments.ts'
import { promoteToProduction } from './tools/promote-to-production.ts'
import { rollbackDeployment } from './tools/rollback-deployment.ts'
import { runSecurityScan } from './tools/run-security-scan.ts'
import { runSmokeTests } from './tools/run-smoke-tests.ts'
import { validateDeployment } from './tools/validate-deployment.ts'

const followForMs = 30 * 60_000

/**
 * Opens a project for a program, as the command line does. Rejects with `invalid_configuration` when
 * there is no usable `gonogo.yaml`. Call `close`, or write `await using`.
 *
 * ```ts
 * import { createGonogo } from 'gonogo'
 *
 * await using gonogo = await createGonogo({ project: '/srv/shop' })
 * const { valid, blockers } = await gonogo.validateDeployment({
 *   environment: 'staging',
 *   git_ref: 'v1.4.0',
 * })
 * ```
 *
 * A deployment is carried out by detached processes of gonogo's own (`node dist/main.js`), with
 * none of this process's Node flags; it outlives the program.
 *
 * The level an approval reaches counts the program's main file too: a program that its own user can
 * change reaches L0 only, and `approvals.mode: strict` then refuses.
 */
export async function createGonogo(options: GonogoOptions = {}): Promise<Gonogo> {
  const { env = process.env, project, readOnly = false } = options
  const closing = new AbortController()
  const { connect } = await import('./wiring.ts')
  const context = await connect({
    ...(project !== undefined && { directory: project }),
    cwd: process.cwd(),
    env,
    readOnly,
    // A program signs nothing, so nobody is asked for a passphrase.
    terminal: false,
    command: [process.execPath, ownMainFile()],
    shutdown: closing.signal,
  })
  return gonogoOver(countingProgram(context), {
    principal: principalOf(options.principal, context.runtime.userName()),
    waitMs: options.waitMs ?? Infinity,
    progress: options.onProgress ?? (() => undefined),
    closing,
  })
}

type Status = OutputOf<typeof getDeploymentStatus>

interface Caller extends Pick<Call, 'principal' | 'waitMs' | 'progress'> {
  closing: AbortController
}

function gonogoOver(context: Context, { closing, ...caller }: Caller): Gonogo {
  const underWay = new Set<Promise<unknown>>()

  async function invoke<I extends z.ZodObject, O extends z.ZodObject>(
    tool: Tool<I, O>,
    input: z.input<I>,
    { signal }: CallOptions = {},
  ): Promise<z.output<O>> {
    if (closing.signal.aborted) throw closed()
    if (signal?.aborted) throw left(tool.name)
    const over = signal ? AbortSignal.any([closing.signal, signal]) : closing.signal
    const call = { ...context, ...caller, requestId: context.runtime.id('req'), signal: over }
    const answering = tool.call(input, call)
    underWay.add(answering)
    const { output } = await answering.finally(() => underWay.delete(answering))
    if (over.aborted && 'pending' in output && output.pending === true) throw left(tool.name)
    return output
  }

  const look = (id: string, options?: CallOptions) =>
    invoke(getDeploymentStatus, { deployment_id: id }, options)

  async function close() {
    closing.abort(new Error('gonogo was closed'))
    await Promise.allSettled(underWay)
    await context.store.close()
  }

  return {
    validateDeployment: (...args) => invoke(validateDeployment, ...args),
    runSecurityScan: (...args) => invoke(runSecurityScan, ...args),
    deployToStaging: (...args) => invoke(deployToStaging, ...args),
    runSmokeTests: (...args) => invoke(runSmokeTests, ...args),
    promoteToProduction: (...args) => invoke(promoteToProduction, ...args),
    rollbackDeployment: (...args) => invoke(rollbackDeployment, ...args),
    getDeploymentStatus: (...args) => invoke(getDeploymentStatus, ...args),
    listDeployments: (input = {}, options) => invoke(listDeployments, input, options),
    follow: (id, options) => follow(context, look, id, options),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function* follow(
  { runtime, pipeline }: Pick<Context, 'runtime' | 'pipeline'>,
  look: (id: string, options: CallOptions) => Promise<Status>,
  id: string,
  options: FollowOptions = {},
): AsyncGenerator<Status, void> {
  const { timeoutMs = followForMs, signal } = options
  const intervalMs = options.intervalMs ?? lookEveryMs(pipeline?.pace)
  const deadline = runtime.now() + timeoutMs
  for (;;) {
    const answer = await look(id, options)
    yield answer
    if (answer.deployment.phase === 'ended' && !isUnderWay(answer.deployment)) return
    if (runtime.now() >= deadline) throw stillUnderWay(id)
    await runtime.sleep(intervalMs, signal).catch(() => {
      throw left(`following ${id}`)
    })
  }
}

/**
 * gonogo's main file, beside this module or, when this module is a chunk of the bundle, one directory
 * above: keepers and runners are gonogo, not the program that called it.
 */
function ownMainFile(): string {
  const name = import.meta.filename.endsWith('.ts') ? 'main.ts' : 'main.js'
  const directories = [import.meta.dirname, dirname(import.meta.dirname)]
  const found = directories.map((directory) => join(directory, name)).find(existsSync)
  if (found !== undefined) return found
  throw new Failure({
    code: 'invalid_configuration',
    message: `gonogo's ${name} is not beside ${import.meta.filename}, so no deployment could be carried out`,
    hint: 'leave gonogo out of your bundle (mark it as external) and install it with npm',
  })
}

/** Whoever can write the program decides what it makes of a signature; code without a file is in doubt. */
function countingProgram(context: Context): Context {
  const program = process.argv[1]
  const { approvers } = context
  const outOfReach: typeof approvers.outOfReach = async (files) =>
    program !== undefined && (await approvers.outOfReach([...files, program]))
  return { ...context, approvers: { ...approvers, outOfReach } }
}

function principalOf(claimed: Principal | undefined, user: string): Principal {
  if (claimed === undefined) return { kind: 'automation', name: user }
  const { kind, name } = claimed
  if (!['agent', 'human', 'automation'].includes(kind)) throw badPrincipal('kind', kind)
  if (typeof name !== 'string' || name === '' || oneLine(name, 64) !== name)
    throw badPrincipal('name', name)
  const present = process.stdin.isTTY && process.stderr.isTTY
  if (kind === 'human' && !(present && name === user)) throw notThere(name)
  return { kind, name }
}

/** Takes anything: JavaScript may leave a field out. */
function badPrincipal(field: string, value: unknown): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `principal.${field}: ${oneLine(JSON.stringify(value) ?? 'nothing', 64)} is not usable`,
    hint: 'use { kind: "automation" or "agent", name: one line of at most 64 characters }',
    details: { field: `principal.${field}` },
  })
}

function notThere(name: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `principal: "human" and ${JSON.stringify(name)} need that very user at this program's terminal`,
    hint: 'use { kind: "automation" } with the name of whom the program acts for',
    details: { field: 'principal.kind' },
  })
}

function closed(): Failure {
  return new Failure({
    code: 'invalid_input',
    message: 'this gonogo was closed',
    hint: 'open another one with createGonogo',
  })
}

function left(what: string): Failure {
  return new Failure({
    code: 'interrupted',
    message: `${what}: the waiting was ended; a deployment that was started goes on`,
    hint: 'call again, or look with listDeployments',
  })
}

function stillUnderWay(id: string): Failure {
  return new Failure({
    code: 'pending',
    message: `${id} is still under way; it goes on`,
    hint: `follow ${id} again, or run gonogo status ${id} --watch`,
    retryable: true,
    details: { deployment_id: id },
  })
}
