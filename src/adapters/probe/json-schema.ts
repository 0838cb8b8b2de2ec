import type { Show } from './expectations.ts'

/** Why a value does not meet a JSON Schema of draft 2020-12: nothing, or one sentence. */
export async function schemaProblem(
  schema: Record<string, unknown>,
  value: unknown,
  show: Show,
): Promise<string[]> {
  // Loaded by the step that needs it, and by no other.
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const ajv = new Ajv2020({ strict: false, validateFormats: false, addUsedSchema: false })
  try {
    // With its own name a schema of another draft would be looked for.
    const { $schema: _draft, ...rest } = schema
    const validate = ajv.compile(rest)
    if (validate(value)) return []
    const [error] = validate.errors ?? []
    const place = error?.instancePath === '' ? 'the answer' : `the answer at ${error?.instancePath}`
    return [`${show(place)} does not meet expect.json_schema: ${error?.message ?? 'no match'}`]
  } catch (error) {
    return [`expect.json_schema is not a usable JSON Schema: ${show((error as Error).message)}`]
  }
}
