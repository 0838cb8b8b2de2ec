import { Failure } from '../../../core/failure.ts'
import type { Preflighter } from '../../../ports/preflighter.ts'

/** Everything behind it is loaded with the first question: GitHub's parser is large. */
export function createPreflighter(): Preflighter {
  return {
    async examine(request) {
      const { examine } = await import('./examine.ts').catch((cause: unknown) => {
        throw notFromSources(cause)
      })
      return await examine(request)
    },
  }
}

function notFromSources(cause: unknown): unknown {
  if ((cause as NodeJS.ErrnoException).code !== 'ERR_IMPORT_ATTRIBUTE_MISSING') return cause
  return new Failure({
    code: 'missing_program',
    message: "GitHub's workflow parser cannot be loaded by gonogo's sources, only by its build",
    hint: 'npm run build, then node dist/main.js preflight',
    cause,
  })
}
