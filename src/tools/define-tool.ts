import * as z from 'zod'
import { canonicalJson } from '../core/canonical.ts'
import { Failure, toFailure, withoutSecrets } from '../core/failure.ts'
import type { Project } from '../core/project.ts'
import type { Call } from '../ports/context.ts'
import type { CallerToken } from '../ports/store.ts'
import { auditAttempt } from './support/audit.ts'
import { refuseMisplacedToken, tokensGiven } from './support/misplaced-token.ts'
import { parseInput } from './support/parse-input.ts'
import { identified, requirePermission } from './support/permission.ts'
import { countApprovalToken, exposureWarning, noteExposed } from './support/token-events.ts'

/**
 * What a tool does to the world. `read` looks at records, `probe` talks to live systems or runs
 * checks, `write` changes an environment, `destructive` may take something away from its users.
 * Annotations, read-only mode, confirmation and audit follow from it.
 */
export type Effect = 'read' | 'probe' | 'write' | 'destructive'

export type Toolset = 'core' | 'delivery'

/** An answer: the structured result, and one sentence that says it. */
export interface ToolAnswer<Output extends Record<string, unknown> = Record<string, unknown>> {
  output: Output
  summary: string
}

/** A tool as the surfaces see it; with its schemas as arguments, as programs see it. */
export interface Tool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  readonly toolset: Toolset
  readonly effect: Effect
  readonly description: string
  readonly input: I
  readonly output: O
  /** The environment a call would be about, if its input were valid; null when it is about none. */
  environment(input: Record<string, unknown>, project: Project): string | null
  /** Validates, runs, and validates again. Rejects only with a `Failure`. */
  call(input: unknown, call: Call): Promise<ToolAnswer<z.output<O>>>
}

export interface ToolDefinition<I extends z.ZodObject, O extends z.ZodObject> {
  name: string
  title: string
  toolset: Toolset
  effect: Effect
  /** What it does and when to call it; costs tokens in every conversation. */
  description: string
  input: I
  output: O
  run(input: z.output<I>, call: Call): Promise<z.input<O>>
  /** One sentence for people and models. */
  summarize(output: z.output<O>): string
  /** The environment a call is about, for the audit log; null when it is about none. */
  environment(input: z.output<I>, project: Project): string | null
  /** For long tools: the answer while the work goes on. The same call joins it. */
  pending?(input: z.output<I>): z.input<O>
}

/** Optional fields of the answer of a long tool that is still at work. */
export const pendingFields = {
  pending: z.boolean().optional(),
  operation_id: z.string().optional(),
  retry_after_s: z.number().optional(),
}

const retryAfterSeconds = 5

/** Defines a tool once; MCP, CLI and dashboard are projections of the result. */
export function defineTool<I extends z.ZodObject, O extends z.ZodObject>(
  definition: ToolDefinition<I, O>,
): Tool<I, O> {
  const { name, title, toolset, effect, description, input, output } = definition
  async function invoke(raw: unknown, asked: Call): Promise<ToolAnswer<z.output<O>>> {
    try {
      const { call, token } = await callerOf(definition, withoutSecretProgress(asked))
      const parsed = await admitted(definition, raw, call, token)
      const answer = await runOrJoin(definition, parsed, call)
      const warned = withWarning(answer, exposureWarning(raw, call))
      return call.held.redact(warned)
    } catch (error) {
      throw withoutSecrets(toFailure(error), (value) => asked.held.redact(value))
    }
  }
  const environment: Tool['environment'] = (args, project) =>
    definition.environment(args as z.output<I>, project)
  return { name, title, toolset, effect, description, input, output, environment, call: invoke }
}

function withWarning<Output extends Record<string, unknown>>(
  answer: ToolAnswer<Output>,
  warning: string | null,
): ToolAnswer<Output> {
  if (warning === null) return answer
  const earlier = Array.isArray(answer.output.warnings) ? (answer.output.warnings as unknown[]) : []
  return {
    output: { ...answer.output, warnings: [...earlier, warning] },
    summary: `${answer.summary} Warning: ${warning}.`,
  }
}

/** Work reports what programs say. */
function withoutSecretProgress(call: Call): Call {
  const { held, progress } = call
  return {
    ...call,
    progress: (message, done, total) => progress(held.redact(message), done, total),
  }
}

/** Named by its token, if it has one. An attempt with a token that does not count is written down, too. */
async function callerOf<I extends z.ZodObject, O extends z.ZodObject>(
  { name, effect }: ToolDefinition<I, O>,
  call: Call,
): Promise<{ call: Call; token: CallerToken | null }> {
  try {
    return await identified(call)
  } catch (error) {
    const failure = toFailure(error)
    await auditAttempt(call, { name, effect, input: {}, environment: null, failure })
    throw failure
  }
}

/** The validated input. A refusal is an attempt too, and is written down without what was typed. */
async function admitted<I extends z.ZodObject, O extends z.ZodObject>(
  definition: ToolDefinition<I, O>,
  raw: unknown,
  call: Call,
  token: CallerToken | null,
): Promise<z.output<I>> {
  const { name, effect } = definition
  const asked = { environment: null as string | null }
  try {
    const given = tokensGiven(raw, call)
    await noteExposed(call, [...given.placed, ...given.misplaced])
    refuseMisplacedToken(name, given)
    refuseWhenReadOnly(name, effect, call)
    const input = parseInput(name, definition.input, raw)
    asked.environment = definition.environment(input, call.project)
    requirePermission(token, definition, asked.environment)
    const { approval_token } = input as { approval_token?: string }
    if (approval_token !== undefined) await countApprovalToken(call, approval_token)
    return input
  } catch (error) {
    const failure = toFailure(error)
    await auditAttempt(call, { name, effect, input: {}, ...asked, failure })
    throw failure
  }
}

function refuseWhenReadOnly(name: string, effect: Effect, call: Call): void {
  if (!call.readOnly || effect === 'read' || effect === 'probe') return
  throw new Failure({
    code: 'read_only',
    message: `${name} changes an environment, and this gonogo runs with --read-only`,
    hint: 'ask the operator to start gonogo without --read-only',
  })
}

async function runOrJoin<I extends z.ZodObject, O extends z.ZodObject>(
  definition: ToolDefinition<I, O>,
  input: z.output<I>,
  call: Call,
): Promise<ToolAnswer<z.output<O>>> {
  if (!definition.pending) return await runAudited(definition, input, call)
  const outcome = await call.operations.join({
    key: `${definition.name} ${canonicalJson(input)}`,
    waitMs: call.waitMs,
    signal: call.signal,
    work: () => runAudited(definition, input, call),
  })
  if (outcome.done) return outcome.result
  const { operation_id } = outcome
  const stillAtWork = { pending: true, operation_id, retry_after_s: retryAfterSeconds }
  return toAnswer(definition, { ...definition.pending(input), ...stillAtWork })
}

/** One audit line for the run, however many calls join it and even if none of them comes back. */
async function runAudited<I extends z.ZodObject, O extends z.ZodObject>(
  definition: ToolDefinition<I, O>,
  input: z.output<I>,
  call: Call,
): Promise<ToolAnswer<z.output<O>>> {
  const { name, effect } = definition
  const environment = definition.environment(input, call.project)
  const attempt = { name, effect, input, environment }
  try {
    const result = await definition.run(input, call)
    const warning = await auditAttempt(call, { ...attempt, output: result })
    return withWarning(toAnswer(definition, result), warning)
  } catch (error) {
    const failure = toFailure(error)
    await auditAttempt(call, { ...attempt, failure })
    throw failure
  }
}

/**
 * A result that does not fit its schema is our defect. After an effect it still carries the ids out,
 * with a warning: an error would invite the caller to do it again.
 */
function toAnswer<I extends z.ZodObject, O extends z.ZodObject>(
  definition: ToolDefinition<I, O>,
  result: z.input<O>,
): ToolAnswer<z.output<O>> {
  const parsed = definition.output.safeParse(result)
  if (parsed.success) {
    const output = parsed.data
    return { output, summary: definition.summarize(output) }
  }
  if (definition.effect === 'read' || definition.effect === 'probe') throw toFailure(parsed.error)
  const warning = `internal: the result did not fit its schema (${parsed.error.issues[0]?.message})`
  const summary = `${definition.name} took effect: look with get_deployment_status, do not repeat it.`
  return withWarning({ output: result as z.output<O>, summary }, warning)
}
