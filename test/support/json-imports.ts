/**
 * GitHub's parser imports JSON without saying so, which plain Node refuses: it is said here. The bundle
 * needs none of this. `node --import ./test/support/json-imports.ts src/main.ts preflight` does.
 */
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const unsaid = context.parentURL?.includes('/@actions/workflow-parser/') ?? false
    return unsaid && resolved.url.endsWith('.json')
      ? { ...resolved, importAttributes: { type: 'json' } }
      : resolved
  },
})
