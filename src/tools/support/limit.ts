/**
 * What `work` comes to, or null when it does not within the limit. The work is told by its signal; one
 * that does not listen is left behind.
 */
export async function withinLimit<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const over = AbortSignal.timeout(ms)
  const signal = outer ? AbortSignal.any([over, outer]) : over
  if (signal.aborted) return null
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const end = () => resolve(null)
  signal.addEventListener('abort', end)
  try {
    return await Promise.race([work(signal), late])
  } catch (error) {
    // Ended because it was told to: that is being late, not failing.
    if (signal.aborted) return null
    throw error
  } finally {
    signal.removeEventListener('abort', end)
  }
}
