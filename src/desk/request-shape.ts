import { z } from 'zod'

const text = z.string().max(100_000)
const texts = z.array(text)

/** A request for consent in a file that anybody may have written. */
export const requestShape = z.strictObject({
  format: z.literal('gonogo-approval-v2'),
  // It is part of messages.
  id: z.string().regex(/^[\w-]{1,64}$/),
  action: z.enum(['deploy', 'promote', 'rollback']),
  kind: z.enum(['standard', 'break_glass']),
  project: text,
  environment: text,
  version: text,
  commit: text,
  digests: texts,
  plan_hash: text,
  requester: text,
  operator: text,
  overrides: texts,
  reason: text.nullable(),
  nonce: text,
  expires_at: z.iso.datetime(),
})
