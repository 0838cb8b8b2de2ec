import { z } from 'zod'
import { jsonPath, seconds, stepName, variableName } from './schema-parts.ts'

/** The name of a header. */
export const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'must be a header name' })

/** Headers of a request or an answer. */
export const headers = z.record(headerName, z.string({ error: 'must be text in quotes' }))

/** Headers of a request. */
export const requestHeaders = headers.describe(
  'Request headers. Put secrets in as `{{env.NAME}}`, never literally: such values are masked in results.',
)

const retry = z.strictObject({
  attempts: z
    .int()
    .min(2)
    .max(100)
    .default(5)
    .describe('How often it is tried in all. A pass that was not the first one is told as flaky.'),
  delay_seconds: z.int().min(0).max(300).default(2).describe('Pause between two attempts.'),
})

/** What steps of every kind have. */
export const stepFrame = {
  name: stepName.describe('What the step proves; unique over all lists.'),
  timeout_seconds: seconds(10, 1_800).describe('Time limit of one attempt, redirects included.'),
  parallel: z
    .boolean()
    .default(false)
    .describe('Run at the same time as the parallel steps next to it.'),
  retry: retry
    .optional()
    .describe('Try again after a failure: for a system that warms up.')
    .meta({ shown_default: 'the first answer counts' }),
}

/** Captures out of JSON. */
export const capture = z
  .record(variableName, jsonPath)
  .default({})
  .describe('Name to a dot-separated path in the JSON answer; later steps insert it as `{{name}}`.')

/** What must be in a text that came back. */
export function texts(description: string) {
  return z.array(z.string().min(1).max(1_000)).default([]).describe(description)
}
