import { z } from 'zod'
import { jsonPath, stepName, urlPath, variableName } from './schema-parts.ts'
import { requestHeaders, stepFrame } from './schema-smoke-parts.ts'
import { reference } from './schema-smoke-kinds.ts'

// What means the same as in a step is described by the same words, which are shown once.
const { timeout_seconds } = stepFrame

/** A block makes several steps, whose names begin with its own. */
function blockName(fallback: string) {
  return shortName.default(fallback).describe(stepFrame.name.description ?? '')
}

const shortName = stepName.max(40)

const apiHealth = z.strictObject({
  use: z.literal('api_health').describe('The API answers, and says nothing bad of itself.'),
  name: blockName('api health'),
  path: urlPath.default('/health').describe("Path below the environment's `url`."),
  json: z
    .record(jsonPath, z.json())
    .default({})
    .describe('Dot-separated path in the answer to the value that must be there.'),
  version: z.boolean().default(false).describe('The answer names the release under test.'),
  timeout_seconds,
  retry: stepFrame.retry,
})

/** A value goes in through an endpoint and must come out of it again. */
const throughEndpoint = {
  path: urlPath.optional().describe('Endpoint that stores (`body`) or queries (`proof`).'),
  headers: requestHeaders.default({}),
  body: z
    .record(z.string(), z.json())
    .optional()
    .describe('What is stored, with POST, as JSON. `{{run.id}}` in it is new in each run.'),
  id: jsonPath.default('id').describe('Where the answer has the name of what was stored.'),
  read: urlPath
    .optional()
    .describe('Path at which it is read back.')
    .meta({ shown_default: '`<path>/{{id}}`' }),
  within: jsonPath
    .optional()
    .describe('Where in the answer what was stored begins.')
    .meta({ shown_default: 'at the top' }),
  same: z
    .array(jsonPath)
    .min(1)
    .optional()
    .describe('Fields of `body` that must come back the same.')
    .meta({ shown_default: 'all' }),
  delete: z.boolean().default(true).describe('DELETE it at the end, whatever happened.'),
  proof: jsonPath
    .optional()
    .describe('Field of the answer of `path` that only a query can fill. Proves less than `body`.'),
}

const database = z.strictObject({
  use: z.literal('database').describe('The database keeps what is written to it.'),
  name: blockName('database'),
  url: reference
    .optional()
    .describe('Reference to the URL of a PostgreSQL: it is asked directly, without the API.'),
  query: z.string().min(1).optional().describe('For `url`: asked besides, only reading.'),
  ...throughEndpoint,
  timeout_seconds,
})

const redis = z.strictObject({
  use: z.literal('redis').describe('The Redis keeps what is written to it.'),
  name: blockName('redis'),
  url: reference
    .optional()
    .describe('Reference to the URL of a Redis: it is asked directly, without the API.'),
  ...throughEndpoint,
  timeout_seconds,
})

const authentication = z.strictObject({
  use: z.literal('authentication').describe('Who logs in gets in, and nobody else.'),
  name: blockName('authentication'),
  path: urlPath.default('/login').describe('Where one logs in, with POST.'),
  body: z
    .record(z.string(), z.json())
    .describe('What one logs in with, as JSON; the password as `{{env.NAME}}`.'),
  token: jsonPath.default('token').describe('Where the answer has the token.'),
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, { error: 'must be a header name' })
    .default('authorization')
    .describe('Header that carries the token.'),
  scheme: z
    .string()
    .regex(/^[\w-]*$/, { error: 'must be one word' })
    .default('Bearer')
    .describe('Word before the token; empty for none.'),
  protected: urlPath.describe('Path that answers 200 with the token and refuses without.'),
  refused: z
    .int()
    .min(400)
    .max(499)
    .default(401)
    .describe('Status of the refusal, without a token and with a wrong one.'),
  as: variableName
    .default('token')
    .describe('Later steps insert the token as this: `{{token}}`. Useless after a logout.'),
  logout: z
    .strictObject({
      path: urlPath.describe('Where one logs out.'),
      method: z.enum(['POST', 'DELETE', 'GET']).default('POST').describe('Request method.'),
      ends_token: z
        .boolean()
        .default(true)
        .describe('The token is refused afterwards; false for tokens that only run out.'),
    })
    .optional()
    .describe('Log out again.')
    .meta({ shown_default: 'stays logged in' }),
  timeout_seconds,
})

const worker = z.strictObject({
  use: z
    .literal('worker')
    .describe('A background worker is alive; what cannot be asked is unknown.'),
  name: blockName('worker'),
  path: urlPath.optional().describe('Inspection endpoint, which answers JSON.'),
  headers: requestHeaders.default({}),
  workers: jsonPath
    .optional()
    .describe('Where the answer has the list (or mapping) of workers that are there.'),
  last_seen: jsonPath
    .optional()
    .describe('Where the answer, or each worker of the list, says when it was last there.'),
  url: reference.optional().describe('Reference to the URL of a PostgreSQL or Redis.'),
  query: z
    .string()
    .min(1)
    .optional()
    .describe('For PostgreSQL: the first column is the age of the last heartbeat in seconds.'),
  key: z
    .string()
    .min(1)
    .optional()
    .describe('For Redis: key that holds when the worker was last there.'),
  at_least: z.int().min(1).default(1).describe('For `workers`: how many must be there.'),
  max_age_seconds: z
    .int()
    .min(1)
    .optional()
    .describe('How long ago the last sign of life may be.')
    .meta({ shown_default: 'not looked at' }),
  timeout_seconds,
  retry: stepFrame.retry,
})

/** The ready-made blocks; `step` is a request of a journey. */
export function blocksOf<T extends z.ZodType>(step: T) {
  const journey = z.strictObject({
    use: z.literal('journey').describe('What a user does, from the beginning to the end.'),
    name: shortName.describe(stepFrame.name.description ?? ''),
    steps: z
      .array(step)
      .min(1)
      .describe('Requests, in order; each may use what those before captured.'),
    cleanup: z
      .array(step)
      .default([])
      .describe('Requests that undo it, at the end of the run, whatever happened.'),
  })
  return [apiHealth, database, redis, authentication, journey, worker] as const
}
