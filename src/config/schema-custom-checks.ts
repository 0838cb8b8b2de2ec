import { z } from 'zod'
import { commandLine, httpUrl, identifier, seconds } from './schema-parts.ts'

/** One entry of `custom_checks`. */
export const customCheck = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,39}$/, { error: 'must be lower-case words joined by "_"' })
      .describe('Unique, and none of the built-in checks.'),
    run: commandLine.optional().describe('Program and arguments; there is no shell.'),
    url: httpUrl.optional().describe('Endpoint that is asked, in the place of a program.'),
    timeout_seconds: seconds(60).describe('After this the check could not run.'),
    environments: z
      .array(identifier)
      .default([])
      .describe('Environments it holds for.')
      .meta({ shown_default: 'all' }),
    requirement: z
      .enum(['required', 'advisory', 'off'])
      .default('required')
      .describe('What it must be before a deployment.'),
  })
  .refine((value) => (value.run === undefined) !== (value.url === undefined), {
    error: 'must have either run or url',
  })
  .meta({ oneOf: [{ required: ['run'] }, { required: ['url'] }] })
