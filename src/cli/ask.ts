import { createInterface } from 'node:readline/promises'
import { Failure } from '../core/failure.ts'
import { isInteractive, type Surface } from './surface.ts'

/** Asks on stderr, so that stdout stays data. Where nobody can answer it names the command to run. */
export async function ask(surface: Surface, question: string, insteadOf: string): Promise<string> {
  if (!isInteractive(surface)) {
    throw new Failure({
      code: 'invalid_input',
      message: `this wants an answer, and there is no terminal: ${question.trim()}`,
      hint: `run ${insteadOf}`,
    })
  }
  const reader = createInterface({ input: surface.input, output: surface.err })
  const left = Promise.withResolvers<never>()
  // The terminal is raw while it is asked, so these keys reach nobody else.
  reader.once('SIGINT', () => left.reject(interrupted()))
  reader.once('close', () => left.reject(declined('the question')))
  try {
    const answer = reader.question(question, { signal: surface.interrupted })
    return (await Promise.race([answer, left.promise])).trim()
  } catch (error) {
    // Nobody pressed Enter: the question is still on the line.
    surface.err.write('\n')
    throw isLeft(error) && !surface.interrupted.aborted ? declined('the question') : error
  } finally {
    reader.close()
  }
}

/** Ctrl-D, as readline tells it. */
function isLeft(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function interrupted(): Failure {
  return new Failure({
    code: 'interrupted',
    message: 'interrupted; nothing was decided',
    hint: 'run the command again to start over',
  })
}

/** The answer a person gave when they do not want it. */
export function declined(what: string, why = ''): Failure {
  return new Failure({
    code: 'declined',
    message: `${what} was declined${why}; nothing was changed`,
    hint: 'run the command again to start over',
  })
}
