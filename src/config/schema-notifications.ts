import { z } from 'zod'
import { notificationEvents } from '../core/project.ts'
import { identifier, variableName } from './schema-parts.ts'

const host = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?$/i, {
  error: 'must be a host such as hooks.example.org, perhaps with a port',
})

/** One entry of `notifications`. */
export const notificationTarget = z.strictObject({
  name: identifier.describe('What the record calls it; unique.'),
  kind: z
    .enum(['webhook', 'slack', 'teams'])
    .describe('`webhook`: signed JSON (Standard Webhooks). The others: a message in their format.'),
  url_env: variableName.describe('Variable that holds the address, which is a secret.'),
  secret_env: variableName
    .optional()
    .describe('Variable that holds the secret with which a `webhook` is signed.')
    .meta({ shown_default: 'unsigned' }),
  hosts: z.array(host).min(1).describe('Hosts the address may be on; any other is refused.'),
  events: z
    .array(z.enum(notificationEvents))
    .min(1)
    .default([
      'approval_requested',
      'deployment_ended',
      'line_stopped',
      'break_glass',
      'audit_unavailable',
    ])
    .describe('What is told.'),
})
