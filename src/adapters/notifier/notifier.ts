import { lookup } from 'node:dns'
import { canonicalJson } from '../../core/canonical.ts'
import { slackBody, teamsBody } from '../../core/notification-formats.ts'
import type { Message } from '../../core/notification.ts'
import type { NotificationTarget } from '../../core/project.ts'
import { redact } from '../../core/redact.ts'
import type { Notifier, Sent } from '../../ports/notifier.ts'
import type { OutboxMessage } from '../../ports/store.ts'
import { placeOf } from './place.ts'
import { post, type Way } from './post.ts'
import { signatureHeaders, weakness } from './sign.ts'

/** Carries messages over HTTP. Addresses and secrets come from variables alone. */
export function createNotifier(deps: {
  env: Readonly<Record<string, string | undefined>>
  now: () => number
  /** What must be in no message, whoever wrote it there. */
  secrets: () => readonly string[]
  way?: Partial<Way>
}): Notifier {
  const way: Way = { resolve: lookup, timeoutMs: 10_000, ...deps.way }
  const problem = (target: NotificationTarget): string | null => {
    const place = placeOf(target, deps.env)
    return 'problem' in place ? place.problem : secretProblem(target, deps.env)
  }
  return {
    problem,
    async send(target, message): Promise<Sent> {
      const place = placeOf(target, deps.env)
      const why = problem(target)
      if ('problem' in place || why !== null) return hopeless(why ?? 'it has no address')
      const body = bodyOf(target, message, deps.secrets())
      if (body === null) return hopeless('the stored message cannot be read')
      return await post({ ...place, body, headers: headersOf(target, message, body, deps) }, way)
    },
  }
}

function hopeless(problem: string): Sent {
  return { delivered: false, problem, hopeless: true }
}

type Env = Readonly<Record<string, string | undefined>>

/** Whoever wants messages signed gets none that is not. */
function secretProblem({ secret_env }: NotificationTarget, env: Env): string | null {
  if (secret_env === null) return null
  const secret = secretOf(secret_env, env)
  const problem = secret === null ? 'is not set' : weakness(secret)
  return problem && `${secret_env}, the secret that messages are signed with, ${problem}`
}

function secretOf(name: string, env: Env): string | null {
  return env[name]?.trim() || null
}

/** Null when it is no message: anybody who can write the store can write into it. */
function bodyOf(
  { kind }: NotificationTarget,
  { payload }: OutboxMessage,
  secrets: readonly string[],
): string | null {
  try {
    const message = redact(JSON.parse(payload) as Message, secrets)
    if (kind === 'webhook') return canonicalJson(message)
    return kind === 'slack' ? slackBody(message) : teamsBody(message)
  } catch {
    return null
  }
}

function headersOf(
  { kind, secret_env }: NotificationTarget,
  { id }: OutboxMessage,
  body: string,
  { env, now }: { env: Env; now: () => number },
): Record<string, string> {
  if (kind !== 'webhook') return {}
  const secret = secret_env === null ? null : secretOf(secret_env, env)
  return signatureHeaders({ id, at: Math.floor(now() / 1000), body }, secret)
}
