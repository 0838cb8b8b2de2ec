import { z } from 'zod'
import { jsonPath, seconds, urlPath, variableName } from './schema-parts.ts'
import { blocksOf } from './schema-smoke-blocks.ts'
import { otherKinds } from './schema-smoke-kinds.ts'
import {
  capture,
  headerName,
  headers,
  requestHeaders,
  stepFrame,
  texts,
} from './schema-smoke-parts.ts'
import { isStepUrl } from './smoke-url.ts'

const statusCode = z.int().min(100).max(599)
const milliseconds = z.number().positive().max(1_800_000).optional()

const latency = z.strictObject({
  requests: z.int().min(1).max(10_000).default(20).describe('How often the request is sent.'),
  concurrency: z.int().min(1).max(64).default(1).describe('How many of them at the same time.'),
  p50_ms: milliseconds.describe('Most that half of the requests may take, in milliseconds.'),
  p95_ms: milliseconds.describe('Most that 95 of 100 may take.'),
  p99_ms: milliseconds.describe('Most that 99 of 100 may take.'),
  max_ms: milliseconds.describe('Most that any of them may take.'),
})

const expectation = z.strictObject({
  status: z
    .union([statusCode, z.array(statusCode).min(1)], {
      error: 'must be a status code such as 200, or a list of such codes',
    })
    .default(200)
    .describe('Status code of the answer, or a list of those that are right.'),
  headers: headers
    .default({})
    .describe('Header name to the exact value the answer must carry; case matters in values only.'),
  json: z
    .record(jsonPath, z.json())
    .default({})
    .describe('Dot-separated path in the JSON answer to the value that must be there.'),
  json_schema: z
    .record(z.string(), z.json())
    .optional()
    .describe('JSON Schema, draft 2020-12, that the answer must meet; `format` is not looked at.')
    .meta({ shown_default: 'no schema' }),
  body_contains: texts('Texts that must be in the body.'),
  body_not_contains: texts('Texts that must not be in the body.'),
  latency: latency
    .optional()
    .describe('How fast it must be, over many requests; percentiles by nearest rank.')
    .meta({ shown_default: 'not measured' }),
  tls_days_left: z
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .describe('Least number of whole days for which the certificate is still valid.')
    .meta({ shown_default: 'valid now' }),
  version: z
    .union([z.boolean(), jsonPath], {
      error: 'must be true, or keys separated by dots, such as build.commit',
    })
    .default(false)
    .describe(
      'The answer names the release under test: at this dot-separated path, or with `true` where ' +
        "the environment's `version` has it.",
    ),
})

const httpStep = z.strictObject({
  kind: z
    .literal('http', { error: 'must be http, tcp, postgres, redis or command' })
    .optional()
    .describe('What the step asks.')
    .meta({ shown_default: '`http`' }),
  ...stepFrame,
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
    .default('GET')
    .describe('Request method.'),
  path: urlPath
    .optional()
    .describe(
      "Path below the environment's `url`. Inserted values are URL-encoded: `/orders/{{id}}`.",
    )
    .meta({ shown_default: 'either this or `url`' }),
  url: z
    .string()
    .refine(isStepUrl, {
      error:
        'must be an http or https URL without user name and password, or begin with a variable ' +
        'such as {{env.AUTH_URL}}',
    })
    .optional()
    .describe('URL at another configured host, in the place of `path`.')
    .meta({ shown_default: 'either this or `path`' }),
  headers: requestHeaders.default({}),
  body: z
    .json()
    .optional()
    .describe('Sent as JSON. A text that is one placeholder keeps the type of the captured value.'),
  expect: expectation.prefault({}).describe('What the answer must be.'),
  capture,
  capture_headers: z
    .record(variableName, headerName)
    .default({})
    .describe('Name to a header of the answer; later steps insert its value as `{{name}}`.'),
  follow_redirects: z
    .boolean()
    .default(false)
    .describe('Follow up to 5 redirects that stay on the same host.'),
})

/** One step of any kind. */
export const smokeStep = z.union([httpStep, ...otherKinds])

const steps = z.array(smokeStep).default([])
const stepsAndBlocks = z
  .array(z.union([httpStep, ...otherKinds, ...blocksOf(httpStep)]))
  .default([])

/** The `smoke` section. */
export const smokeSection = z.strictObject({
  setup: stepsAndBlocks.describe('Run before the suite; a failure ends the run.'),
  basic: stepsAndBlocks.describe('Steps of the basic suite, in order.'),
  full: stepsAndBlocks.describe('Steps run after the basic ones when the full suite is asked for.'),
  teardown: steps.describe('Run last, also after a failure; a failure here is a warning.'),
  teardown_seconds: seconds(30, 600).describe('Time limit of all teardown steps together.'),
  allowed_hosts: z
    .array(
      z.string().regex(/^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/, {
        error: 'must be a host such as auth.example.com, with or without a port',
      }),
    )
    .default([])
    .describe("Hosts that steps may reach besides the environment's own; `host` or `host:port`."),
  concurrency: z
    .int()
    .min(1)
    .max(64)
    .default(16)
    .describe('How many steps of a parallel group run at the same time.'),
})
