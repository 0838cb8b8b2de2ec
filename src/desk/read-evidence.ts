import { z } from 'zod'
import { bundleText, type EvidenceBundle } from '../core/evidence/bundle.ts'
import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import { requestShape } from './request-shape.ts'

const text = z.string()
const strings = z.array(text)
const nullable = text.nullable()

const decision = z.strictObject({
  verdict: z.enum(['approved', 'rejected', 'revoked']),
  method: z.enum(['ssh_signature', 'github_login', 'static_token', 'unsigned']),
  identity: text,
  statement: text,
  signature: nullable,
  url: nullable,
})

const bundle = z.strictObject({
  format: z.literal('gonogo-evidence-v1'),
  project: text,
  policy_hash: text,
  deployment: z.strictObject({
    id: text,
    environment: text,
    kind: z.enum(['deploy', 'promotion', 'rollback']),
    status: text,
    release: z.strictObject({ sha: text, version: text }),
    initiated_by: text,
    plan_hash: text,
    approval_id: nullable,
  }),
  plan: text,
  request: requestShape.nullable(),
  decisions: z.array(decision).max(1000),
  signers: strings.max(1000),
  gates: z.array(
    z.strictObject({
      check_name: text,
      status: text,
      ran: z.boolean(),
      message: text,
      details: z.record(text, z.json()),
    }),
  ),
  lines: z.array(z.int().positive()),
  log: z.strictObject({
    format: z.literal('gonogo-audit-proof-v1'),
    checkpoint: text,
    public_key: text,
    lines: z.array(z.strictObject({ seq: z.int().positive(), text, path: z.array(text).max(64) })),
  }),
})

/** A bundle, and whether the file is it to the byte. */
export interface ReadEvidence {
  bundle: EvidenceBundle
  /** False when something was added that does not change what it says, such as white space. */
  exact: boolean
}

/** Reads what anybody may have written. `from` names it in messages. */
export function readEvidence(content: string, from: string): ReadEvidence {
  const parsed = bundle.safeParse(parsedJson(content, from))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') || 'the whole of it'
    throw notOne(from, `${oneLine(where, 80)}: ${oneLine(issue?.message ?? 'not valid', 160)}`)
  }
  const read = parsed.data as EvidenceBundle
  return { bundle: read, exact: bundleText(read) === content }
}

function parsedJson(content: string, from: string): unknown {
  try {
    return JSON.parse(content) as unknown
  } catch {
    throw notOne(from, 'it is not JSON')
  }
}

function notOne(from: string, why: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${from} is no evidence bundle: ${why}`,
    hint: 'give a file that gonogo audit evidence DEPLOYMENT --output FILE wrote',
    details: { field: 'file' },
  })
}
