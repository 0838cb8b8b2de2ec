import { createHmac } from 'node:crypto'
import type { AuditStream } from '../../core/project.ts'
import type { Runtime } from '../../ports/runtime.ts'

type Webhook = Extract<AuditStream, { kind: 'webhook' }>

interface PostDeps {
  runtime: Runtime
  env: Readonly<Record<string, string | undefined>>
}

const patienceMs = 5000

/** Posts lines as JSON lines, signed as Standard Webhooks has it when there is a secret. */
export async function postLines(
  { url, secret_env }: Webhook,
  lines: readonly string[],
  { runtime, env }: PostDeps,
): Promise<void> {
  const body = lines.map((line) => `${line}\n`).join('')
  const id = runtime.id('msg')
  const timestamp = String(Math.floor(runtime.now() / 1000))
  const headers: Record<string, string> = {
    'content-type': 'application/x-ndjson',
    'user-agent': 'gonogo',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
  }
  if (secret_env !== null) {
    const secret = env[secret_env]
    if (!secret) throw new Error(`${secret_env} is not set`)
    const key = keyOf(secret)
    if (key.length < leastBytes)
      throw new Error(`${secret_env} is shorter than ${leastBytes} bytes`)
    headers['webhook-signature'] = signature(key, `${id}.${timestamp}.${body}`)
  }
  const signal = AbortSignal.timeout(patienceMs)
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`it answered ${response.status}`)
}

/** Fewer could be guessed; and what is no base64 would be none at all. */
const leastBytes = 16

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret)
}

function signature(key: Buffer, message: string): string {
  return `v1,${createHmac('sha256', key).update(message).digest('base64')}`
}
