import type { CommitContext } from '../../core/commit-checks.ts'

const conclusions: Readonly<Record<string, CommitContext['state']>> = {
  success: 'passed',
  skipped: 'skipped',
  neutral: 'neutral',
  cancelled: 'cancelled',
  stale: 'stale',
}

/** What a check run, a job or a run came to. A conclusion nobody here knows is not a success. */
export function checkState(ended: {
  status: string | null
  conclusion: string | null
}): CommitContext['state'] {
  if (ended.status !== 'completed') return 'pending'
  return conclusions[ended.conclusion ?? ''] ?? 'failed'
}
