import type { Deployment } from '../core/deployment.ts'
import { toFailure } from '../core/failure.ts'

/** How often a platform that does not answer is asked, before a deployment ends without. */
const mostTries = 10

/**
 * What a deployment should end with, and can end without: asked again with the next turns as long as an
 * answer may come; undefined when there was none.
 */
export async function patiently<T>(
  { attempt }: Pick<Deployment, 'attempt'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const failure = toFailure(error)
    if (failure.retryable && attempt < mostTries) throw failure
    return undefined
  }
}
