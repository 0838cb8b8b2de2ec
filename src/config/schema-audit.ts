import { z } from 'zod'
import { httpUrl, path, variableName } from './schema-parts.ts'

const stream = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file').describe('What takes the lines.'),
    path: path.describe('File that lines are appended to.'),
  }),
  z.strictObject({
    kind: z.literal('syslog').describe('What takes the lines.'),
    host: z.string().min(1).max(253).default('127.0.0.1').describe('Host of the syslog server.'),
    port: z.int().min(1).max(65_535).default(514).describe('Its port.'),
    protocol: z.enum(['udp', 'tcp']).default('udp').describe('How lines travel (RFC 5424).'),
  }),
  z.strictObject({
    kind: z.literal('webhook').describe('What takes the lines.'),
    url: httpUrl.describe('Where lines are posted to, one JSON object per line.'),
    secret_env: variableName
      .optional()
      .describe('Variable that holds the secret with which requests are signed.')
      .meta({ shown_default: 'unsigned' }),
  }),
])

const anchors = z.strictObject({
  github_deployment: z
    .boolean()
    .default(true)
    .describe("On GitHub's record of each deployment (`pipeline: github`)."),
  git_ref: z
    .string()
    .regex(/^refs\/[a-z0-9][a-z0-9-]*(?:\/[a-z0-9][a-z0-9._-]*)+$/, {
      error: 'must be a ref such as refs/gonogo/audit',
    })
    .optional()
    .describe('Ref on GitHub that names the newest checkpoint, such as `refs/gonogo/audit`.')
    .meta({ shown_default: 'none' }),
  file: path
    .optional()
    .describe('File that checkpoints are appended to; of use where others own it.')
    .meta({ shown_default: 'none' }),
  stderr: z.boolean().default(false).describe('On standard error of whoever signed it.'),
})

/** The `audit` section. */
export const auditSection = z.strictObject({
  checkpoint: z
    .strictObject({
      lines: z.int().min(1).max(100_000).default(100).describe('After so many lines.'),
      minutes: z.int().min(1).max(1440).default(10).describe('After so long, with a new line.'),
    })
    .prefault({})
    .describe('When a checkpoint of the log is signed.'),
  key_file: path
    .optional()
    .describe('Ed25519 key that signs checkpoints; made on first use.')
    .meta({ shown_default: '`audit-key` in the state directory' }),
  anchors: anchors.prefault({}).describe('Where checkpoints are kept besides the log.'),
  rotate_mb: z
    .int()
    .min(1)
    .optional()
    .describe('Size in megabytes at which the log goes on in a new file.')
    .meta({ shown_default: 'never' }),
  streams: z
    .array(stream)
    .max(5)
    .default([])
    .describe('Where each line is copied to, for log aggregation.'),
})
