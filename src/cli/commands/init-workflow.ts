import { dirname, join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { Decisions } from '../../setup/draft/decide.ts'
import { differenceOf } from '../../setup/draft/difference.ts'
import { readText, refuseLink, replaceText } from '../../setup/file.ts'
import type { Facts } from '../../setup/survey/facts.ts'
import { withAdditions } from '../../setup/workflow/additions.ts'
import { referenceWorkflow } from '../../setup/workflow/reference.ts'

/** What is done about the workflow, worked out before anything is written. */
export interface WorkflowPlan {
  /** Relative to the repository. */
  path: string
  file: string
  /** The text of a new file; null for one that is there, which stays as it is. */
  text: string | null
  /** What gonogo needs in the file that is there, to be applied by its owner. */
  difference: string | null
  /** True when it is written in a way that no difference can be made for. */
  by_hand: boolean
}

/** Null unless deployments go through GitHub Actions. A workflow that is there is never changed. */
export async function planWorkflow(
  directory: string,
  { toRoot }: Facts,
  { workflow, environments }: Decisions,
): Promise<WorkflowPlan | null> {
  if (workflow === null) return null
  const { kind, path } = workflow
  const file = join(directory, toRoot, path)
  for (const part of [dirname(dirname(file)), dirname(file), file]) await refuseLink(part)
  const before = await readText(file)
  if (kind === 'existing' && before !== null) return existing({ path, file }, before)
  if (before !== null) throw taken(path)
  const text = await referenceWorkflow(environments.map(({ name }) => name))
  return { path, file, text, difference: null, by_hand: false }
}

function existing(place: { path: string; file: string }, before: string): WorkflowPlan {
  const after = withAdditions(before)
  const difference =
    after === null || after === before ? null : differenceOf(place.path, before, after)
  return { ...place, text: null, difference, by_hand: after === null }
}

function taken(path: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${path} exists, and it is no workflow that deploys when it is started; nothing was written`,
    hint: `rename it, or add workflow_dispatch to what starts it, then run gonogo init --pipeline github again`,
    details: { field: 'pipeline' },
  })
}

export async function writeWorkflow({ file, text }: WorkflowPlan): Promise<void> {
  if (text !== null) await replaceText(file, text, { before: null, scope: 'project' })
}
