import type { ReportedCommits } from '../../core/report/report.ts'
import { exceptionText, judgeChanges, type Changes } from '../../core/change-review.ts'
import { toFailure } from '../../core/failure.ts'
import type { Deployment } from '../../core/deployment.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'

/** Asks the pipeline who wrote and who reviewed what a deployment brought. */
export type CommitReader = (deployment: Deployment) => Promise<ReportedCommits>

/** Once the platform did not answer, it is not asked again for every further change. */
export function commitReader({ pipeline, signal }: Call): CommitReader {
  let silent: string | null = null
  return async ({ from, release }) => {
    if (!pipeline?.changes) return unknown('this pipeline does not tell them')
    if (from === null || from.sha === '') return unknown('what ran before is not known')
    if (release.sha === '') return unknown('what was deployed is not known')
    if (silent !== null) return unknown(silent)
    try {
      const changes = await pipeline.changes(from.sha, release.sha, signal)
      if (changes !== null) return known(changes)
      return unknown(`${from.version} is no commit there`)
    } catch (error) {
      signal.throwIfAborted()
      silent = oneLine(toFailure(error).message, 160)
      return unknown(silent)
    }
  }
}

function unknown(problem: string): ReportedCommits {
  return { problem, total: null, authors: [], reviewers: [], unreviewed: [] }
}

function known(changes: Changes): ReportedCommits {
  const { total, commits } = changes
  if (commits.length < total)
    return { ...unknown(`${total} commits are more than are looked at`), total }
  const { exceptions, approvals } = judgeChanges(changes)
  const wrote = commits.filter(({ isMerge }) => !isMerge)
  const authors = wrote.flatMap(({ author, pulls }) => [author, ...pulls.map((one) => one.author)])
  return {
    problem: wrote.some(({ author }) => author === null) ? 'some authors have no account' : null,
    total,
    authors: distinct(authors.filter((author) => author !== null)),
    reviewers: distinct(Object.values(approvals).flat()),
    unreviewed: exceptions.length === 0 ? [] : [exceptionText(exceptions)],
  }
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => oneLine(name, 80)))].toSorted()
}
