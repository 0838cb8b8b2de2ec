/**
 * What the SDK wants from its platform, in the place of its own `_shims` for Node in the bundle
 * (rolldown.config.ts): the same stdin and stdout, and no validator of JSON Schemas. Only elicitation
 * uses one, which gonogo does not do; whoever starts to gets an error and not an unchecked answer.
 */
export { default as process } from 'node:process'

export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error('this build has no validator for JSON Schemas: see src/mcp/sdk-shims.ts')
  }
}
