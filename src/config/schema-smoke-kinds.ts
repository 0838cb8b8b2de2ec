import { z } from 'zod'
import { jsonPath } from './schema-parts.ts'
import { capture, stepFrame, texts } from './schema-smoke-parts.ts'

/** What stands in the file for a URL with a password. */
export const reference = z.string().regex(/^\{\{\s*env\.\w+\s*\}\}$/, {
  error: 'must be a reference such as "{{env.DATABASE_URL}}": it holds a password',
})

const tcpStep = z.strictObject({
  kind: z.literal('tcp').describe('Connects to a port.'),
  ...stepFrame,
  host: z
    .string()
    .min(1)
    .describe('Host name or address: of the environment, of `allowed_hosts`, or `{{env.NAME}}`.'),
  port: z.int().min(1).max(65_535).describe('Port.'),
  tls: z
    .boolean()
    .default(false)
    .describe('Speak TLS; the certificate must be valid for the host.'),
  send: z
    .string()
    .optional()
    .describe('Text that is sent once connected.')
    .meta({ shown_default: 'nothing is sent' }),
  expect: z
    .strictObject({
      contains: z
        .string()
        .min(1)
        .optional()
        .describe('Text that must come back, in the first 64 KiB.')
        .meta({ shown_default: 'a connection is enough' }),
    })
    .prefault({})
    .describe('What must come back.'),
})

const postgresStep = z.strictObject({
  kind: z.literal('postgres').describe('Asks a PostgreSQL.'),
  ...stepFrame,
  url: reference.describe(
    'Variable with its URL, `postgres://user:password@host:5432/database`; `?sslmode=` says how TLS is spoken.',
  ),
  query: z
    .string()
    .min(1)
    .default('select 1')
    .describe('One statement, run in a read-only transaction.'),
  round_trip: z
    .boolean()
    .default(false)
    .describe('Write a value into a temporary table and read it back; nothing stays.'),
  expect: z
    .strictObject({
      rows: z
        .int()
        .min(0)
        .optional()
        .describe('How many rows; at most 1000 are read.')
        .meta({ shown_default: 'any number' }),
      values: z
        .record(jsonPath, z.json())
        .default({})
        .describe('Column of the first row to its value; a dotted path leads into JSON.'),
    })
    .prefault({})
    .describe('What the answer must be.'),
  capture,
})

const redisStep = z.strictObject({
  kind: z.literal('redis').describe('Asks a Redis.'),
  ...stepFrame,
  url: reference.describe(
    'Variable with its URL, `redis://user:password@host:6379/0`; `rediss://` speaks TLS.',
  ),
  round_trip: z
    .boolean()
    .default(false)
    .describe('Set a key of its own, read it back and delete it.'),
})

const commandStep = z.strictObject({
  kind: z.literal('command').describe('Runs a program in the directory of gonogo.yaml.'),
  ...stepFrame,
  run: z
    .array(z.string())
    .min(1)
    .describe("Program and arguments; there is no shell. It sees the environment's variables."),
  expect: z
    .strictObject({
      exit_code: z.int().min(0).max(255).default(0).describe('Exit code it must end with.'),
      stdout_contains: texts('Texts that its output must have.'),
      stdout_json: z
        .record(jsonPath, z.json())
        .default({})
        .describe('Dot-separated path to value, in output that is JSON.'),
    })
    .prefault({})
    .describe('What must come of it.'),
  capture,
})

/** The kinds of steps besides `http`. */
export const otherKinds = [tcpStep, postgresStep, redisStep, commandStep] as const
