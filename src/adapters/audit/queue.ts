import type { AuditLine } from '../../core/audit.ts'
import type { Answer, Wish } from './batch.ts'

// As much as is written at once: lines are at most 64 KiB long.
const mostAtOnce = 256

interface Waiting extends Wish {
  resolve: (line: AuditLine) => void
  reject: (error: unknown) => void
}

/** Takes more wishes, those that came while the lock was waited for, and answers for all. */
export type WriteAll = (more: () => readonly Wish[]) => Promise<readonly Answer[]>

/**
 * Appends that come while others are written wait and are then written together (group commit), in the
 * order in which they came. Each resolves once its own line is durable.
 */
export function createQueue(write: WriteAll): (wish: Wish) => Promise<AuditLine> {
  let waiting: Waiting[] = []
  let busy = false
  const writeWaiting = async () => {
    const batch: Waiting[] = []
    const take = () => {
      const free = mostAtOnce - batch.length
      batch.push(...waiting.slice(0, free))
      waiting = waiting.slice(free)
      return batch
    }
    take()
    try {
      const answers = await write(take)
      for (const [index, answer] of answers.entries()) settle(batch[index]!, answer)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const drain = async () => {
    busy = true
    // Whoever appends in this same turn comes along.
    await Promise.resolve()
    while (waiting.length > 0) await writeWaiting()
    busy = false
  }
  return (wish) =>
    new Promise((resolve, reject) => {
      waiting.push({ ...wish, resolve, reject })
      if (!busy) void drain()
    })
}

function settle({ resolve, reject }: Waiting, answer: Answer): void {
  if ('line' in answer) resolve(answer.line)
  else reject(answer.error)
}
