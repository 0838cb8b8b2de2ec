import { z } from 'zod'
import { jsonPath, seconds, stepName, urlPath, variableName } from './schema-parts.ts'

const headers = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'must be a header name' }),
  z.string({ error: 'must be text in quotes' }),
)

const expectation = z.strictObject({
  status: z.int().min(100).max(599).default(200).describe('Status code of the answer.'),
  headers: headers
    .default({})
    .describe('Header name to the exact value the answer must carry; case matters in values only.'),
  json: z
    .record(jsonPath, z.json())
    .default({})
    .describe('Dot-separated path in the JSON answer to the value that must be there.'),
})

const smokeStep = z.strictObject({
  name: stepName.describe('What the request proves; unique over both suites.'),
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
    .default('GET')
    .describe('Request method.'),
  path: urlPath.describe(
    "Path below the environment's `url`. Inserted values are URL-encoded: `/orders/{{id}}`.",
  ),
  headers: headers
    .default({})
    .describe(
      'Request headers. Put secrets in as `{{env.NAME}}`, never literally: such values are masked in results.',
    ),
  body: z
    .json()
    .optional()
    .describe('Sent as JSON. A text that is one placeholder keeps the type of the captured value.'),
  expect: expectation.prefault({}).describe('What the answer must be.'),
  capture: z
    .record(variableName, jsonPath)
    .default({})
    .describe(
      'Name to a dot-separated path in the JSON answer; later steps insert it as `{{name}}`.',
    ),
  follow_redirects: z
    .boolean()
    .default(false)
    .describe('Follow up to 5 redirects that stay on the same host.'),
  timeout_seconds: seconds(10, 1_800).describe('Time limit of the step, redirects included.'),
})

/** The `smoke` section. */
export const smokeSection = z.strictObject({
  basic: z.array(smokeStep).default([]).describe('Requests of the basic suite, in order.'),
  full: z
    .array(smokeStep)
    .default([])
    .describe('Requests run after the basic ones when the full suite is asked for.'),
})
