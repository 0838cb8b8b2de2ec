import { Failure, toFailure } from '../../../core/failure.ts'
import { oneLine } from '../../../core/text.ts'
import type { PlatformAnchors } from '../../../ports/pipeline.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import { anchoredOnDeployments, anchorOnDeployment } from './on-deployments.ts'
import { anchoredOnRef, anchorOnRef } from './on-ref.ts'

type Deps = Pick<GitHubPipelineDeps, 'client' | 'environments' | 'project'>

/** Where checkpoints of the audit log are kept on GitHub; undefined where nobody wants them there. */
export function createAnchors(deps: Deps): PlatformAnchors | undefined {
  const { git_ref, github_deployment } = deps.project.audit.anchors
  if (git_ref === null && !github_deployment) return undefined
  return {
    async put(checkpoint) {
      const puts = [
        ...(github_deployment ? [anchorOnDeployment(deps, checkpoint)] : []),
        ...(git_ref === null ? [] : [anchorOnRef(deps.client, git_ref, checkpoint)]),
      ]
      const results = await Promise.allSettled(puts)
      const problems = results.flatMap((result) =>
        result.status === 'rejected' ? [toFailure(result.reason)] : [],
      )
      if (problems.length > 0) throw notKept(problems)
      const places = results.flatMap((result) =>
        result.status === 'fulfilled' && result.value !== null ? [result.value] : [],
      )
      return places.map((place) => ({ place }))
    },
    async list() {
      // What one place says counts also when another one does not answer.
      const lists = await Promise.allSettled([
        github_deployment ? anchoredOnDeployments(deps) : [],
        git_ref === null ? [] : anchoredOnRef(deps.client, git_ref),
      ])
      const all = lists.flatMap((list) =>
        list.status === 'rejected' ? [] : list.value.toSorted((left, right) => left.at - right.at),
      )
      const unread = lists.flatMap((list) =>
        list.status === 'rejected' ? [oneLine(toFailure(list.reason).message, 200)] : [],
      )
      return { found: all.map(({ place, checkpoint }) => ({ place, checkpoint })), unread }
    },
  }
}

/** Tried everywhere before it is told. */
function notKept(problems: readonly Failure[]): Failure {
  const said = problems.map(({ message }) => oneLine(message, 200)).join('; ')
  return new Failure({
    code: 'audit_unavailable',
    message: `GitHub does not keep the checkpoint: ${said}`,
    hint: problems[0]?.hint ?? 'gonogo doctor',
    retryable: problems.every(({ retryable }) => retryable),
  })
}
