import type { Text } from '../model.ts'
import type { Rule } from '../rule.ts'
import { finding, type Spot } from './finding.ts'
import { jobsOf } from './jobs.ts'

const name = 'unpinned-action'

/** A tag can be moved to other code, which then runs with the secrets of the job. */
export const unpinnedAction: Rule = {
  name,
  check(context) {
    const owner = context.request.repository.split('/')[0]?.toLowerCase() ?? ''
    return jobsOf(context)
      .flatMap(({ workflow, job }) =>
        [job.uses, ...job.steps.map(({ uses }) => uses)].flatMap((uses) =>
          uses === null || !isUnpinned(uses, owner) ? [] : [{ workflow, place: uses }],
        ),
      )
      .map((spot: Spot & { place: Text }) => {
        const { text } = spot.place
        const message = `${text} is not pinned: whoever can move its tag runs code in this job`
        const fix = text.startsWith('docker://')
          ? 'name the image by its digest: docker://IMAGE@sha256:...'
          : 'name a full commit hash, with the version as a comment: uses: OWNER/NAME@HASH # v1.2.3'
        return finding(context, name, 'warning', spot, { message, fix })
      })
  },
}

/** Actions of GitHub itself and of the repository's owner are no third party. */
function isUnpinned({ text }: Text, owner: string): boolean {
  if (text.startsWith('./') || text.includes('${{')) return false
  if (text.startsWith('docker://')) return !/@sha256:[0-9a-f]{64}$/.test(text)
  const [by = ''] = text.toLowerCase().split('/')
  if (['actions', 'github', owner].includes(by)) return false
  return !/@[0-9a-f]{40}$/.test(text)
}
