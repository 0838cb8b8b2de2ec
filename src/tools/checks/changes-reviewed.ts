import { exceptionText, judgeChanges, mostChanges, type Changes } from '../../core/change-review.ts'
import {
  couldNotRun,
  failed,
  passed,
  warned,
  type Check,
  type Requirement,
} from '../../core/check.ts'
import type { Release } from '../../core/release.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { unseenCheck } from '../support/unseen-check.ts'
import { byPolicy, type CheckRunner, type CheckSubject } from './check-runner.ts'

const name = 'changes_reviewed'

/** Whether another person approved every commit that this release would bring. */
export const changesReviewed: CheckRunner = {
  name,
  requirement: byPolicy(name),
  applies: ({ pipeline }) => pipeline?.changes !== undefined,
  foresee: ({ environment }) => ({
    runs: true,
    text: `ask GitHub for the pull requests of every commit since what ${environment.name} runs, and their reviews`,
  }),
  async run(subject, call, signal) {
    const requirement = subject.environment.checks[name]
    try {
      return await look(subject, call, signal, requirement)
    } catch (error) {
      return unseenCheck(name, requirement, error)
    }
  },
}

async function look(
  { environment, release, now }: CheckSubject,
  { pipeline }: Call,
  signal: AbortSignal,
  requirement: Requirement,
): Promise<Check> {
  const from = now.release
  if (from === null) {
    const message = `what ${environment.name} runs is unknown, so there is no commit to begin at: gonogo adopt records it`
    return couldNotRun(name, requirement, message)
  }
  const details = { base: from.sha, head: release.sha }
  if (from.sha === release.sha) {
    return passed(name, `${environment.name} runs ${release.version} already`, details)
  }
  const changes = (await pipeline?.changes?.(from.sha, release.sha, signal)) ?? null
  if (changes === null) {
    const message = `${from.version}, which ${environment.name} runs, is no commit on GitHub: push it, or gonogo adopt what really runs`
    return couldNotRun(name, requirement, message)
  }
  return judged(changes, { from, requirement, details })
}

interface About {
  from: Release
  requirement: Requirement
  details: { base: string; head: string }
}

/** As many as anybody reads; the number of all is told. */
const shownExceptions = 50

function judged(changes: Changes, { from, requirement, details }: About): Check {
  const { total, commits } = changes
  const since = `since ${from.version}`
  if (commits.length < total) {
    const message = `${total} commits ${since} are more than the ${mostChanges} that are looked at: have a person read them, or deploy a version in between`
    return { ...couldNotRun(name, requirement, message), details: { ...details, total } }
  }
  const { exceptions, stale, approvals } = judgeChanges(changes)
  const evidence = {
    ...details,
    total,
    approvals,
    approved_before_last_push: stale,
    exceptions: exceptions.slice(0, shownExceptions),
    exceptions_total: exceptions.length,
  }
  if (exceptions.length > 0) {
    const what = `${exceptions.length} of ${total} commit(s) ${since} had no approval by another person: ${exceptionText(exceptions)}`
    const range = `${from.sha.slice(0, 12)}..${details.head.slice(0, 12)}`
    const fix = `let somebody else read git log -p ${range}, and let the branch require reviewed pull requests`
    return failed(name, `${oneLine(what, 400)}; ${fix}`, evidence)
  }
  if (stale.length > 0) {
    const which = stale.slice(0, 5).map((number) => `#${number}`)
    const message = `${which.join(', ')} got commits after the approval: let somebody else read them, and let the branch dismiss stale approvals`
    return warned(name, message, evidence)
  }
  const message =
    total === 0
      ? `it brings no commit that ${from.version} does not have`
      : `another person approved all ${total} commit(s) ${since}`
  return passed(name, message, evidence)
}
