import { Failure } from '../../../core/failure.ts'
import { shortVersion } from '../../../core/release.ts'
import { oneLine } from '../../../core/text.ts'
import type { RunIntent } from '../../../ports/pipeline.ts'
import type { GitHubClient } from '../client/github-client.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import { planDispatch, type DispatchPlan } from './dispatch-plan.ts'
import { branchTip, isAmbiguous, refPointingAt } from './dispatch-ref.ts'
import { readRepositoryFile } from '../repository-file.ts'
import { readRepository } from '../repository-view.ts'
import { readWorkflow } from '../workflow/read-workflow.ts'
import type { Workflow } from '../workflow/model.ts'

/** Everything a dispatch needs, read from GitHub; nothing was changed. */
export interface Prepared {
  /** File name in `.github/workflows`, and its path. */
  workflow: string
  file: string
  text: string
  parsed: Workflow
  /** Branch or tag, and the commit it points to. */
  ref: string
  fullRef: string
  refSha: string
  defaultBranch: string
  inOrganization: boolean
  /** GitHub's clock, milliseconds since the epoch; null when it did not say. */
  date: number | null
  plan: DispatchPlan
}

/** What is known only when a deployment is really started. */
export interface StartFacts {
  deploymentId: string
  approval: { text: string; id: string } | null
}

/** GitHub Enterprise Server takes fewer. */
const mostInputs = { 'github.com': 25, 'ghe.com': 25, ghes: 10 }

/** Fails with `invalid_configuration` when this workflow cannot be started for this release. */
export async function prepareDispatch(
  deps: GitHubPipelineDeps,
  intent: RunIntent,
  known: StartFacts,
): Promise<Prepared> {
  const { client, settings } = deps
  const { defaultBranch, inOrganization } = await repositoryOf(client)
  const branch = settings.ref ?? defaultBranch
  const tip = await branchTip(client, branch)
  if (tip === null) throw invalid(`branch ${oneLine(branch, 100)} (github.ref) does not exist`)
  const { sha: refSha, date } = tip
  const onBranch = await readAt(deps, intent, known, { ref: `refs/heads/${branch}`, refSha })
  const world = { defaultBranch, inOrganization, date }
  const { sha } = intent.release
  if (onBranch.plan.carriedBy === 'input' || refSha === sha) {
    return await checked(client, { ...onBranch, ...world })
  }
  const ref = await refPointingAt(client, intent.release)
  if (ref === null) throw carriesNoCommit(onBranch.file, sha)
  const onRef = await readAt(deps, intent, known, { ref, refSha: sha })
  const plan: DispatchPlan = { ...onRef.plan, carriedBy: 'ref' }
  return await checked(client, { ...onRef, ...world, plan })
}

async function repositoryOf(
  client: GitHubClient,
): Promise<Pick<Prepared, 'defaultBranch' | 'inOrganization'>> {
  type View = { default_branch: string; owner: { type: string } }
  const { data } = await readRepository<View>(client)
  return { defaultBranch: data.default_branch, inOrganization: data.owner.type === 'Organization' }
}

async function readAt(
  { client, settings }: GitHubPipelineDeps,
  { environment, action, release }: RunIntent,
  known: StartFacts,
  at: { ref: string; refSha: string },
): Promise<Omit<Prepared, 'defaultBranch' | 'inOrganization' | 'date'>> {
  const workflow = environment.github.workflow ?? settings.workflow
  const file = `.github/workflows/${workflow}`
  const ref = at.ref.replace(/^refs\/(?:heads|tags)\//, '')
  const text = await readRepositoryFile(client, file, at.refSha)
  if (text === null) throw invalid(`${file} is not on ${oneLine(ref, 100)}`)
  const parsed = readWorkflow(file, text)
  const [broken] = parsed.problems
  if (broken)
    throw invalid(`${file}:${broken.line} on ${oneLine(ref, 100)}: ${oneLine(broken.message)}`)
  if (!parsed.events.some(({ name }) => name === 'workflow_dispatch')) {
    throw invalid(`${file} on ${oneLine(ref, 100)} cannot be started: it has no workflow_dispatch`)
  }
  const plan = planDispatch({
    declared: new Map(parsed.inputs.map((input) => [input.name, input])),
    configured: settings.inputs,
    environment,
    action,
    release,
    ...known,
    mostInputs: mostInputs[client.host],
  })
  return { workflow, file, text, parsed, ref, fullRef: at.ref, refSha: at.refSha, plan }
}

async function checked(client: GitHubClient, prepared: Prepared): Promise<Prepared> {
  const { file, plan, ref, fullRef } = prepared
  if (await isAmbiguous(client, fullRef)) {
    const name = oneLine(ref, 100)
    throw invalid(
      `${name} is both a branch and a tag, and nothing says which one GitHub would start`,
    )
  }
  if (plan.problems.length === 0) return prepared
  const messages = plan.problems.map(({ message }) => message).join('; ')
  throw new Failure({
    code: 'invalid_configuration',
    message: `${file} cannot be started: ${messages}`,
    hint: `change on.workflow_dispatch.inputs in ${file}, or github.inputs in the configuration`,
    details: { inputs: plan.problems.map(({ input }) => input) },
  })
}

function carriesNoCommit(file: string, sha: string): Failure {
  const lines = [
    '      sha:',
    '        description: Commit to deploy',
    '        type: string',
    '        required: true',
  ]
  return new Failure({
    code: 'invalid_configuration',
    message: `no input of ${file} carries the commit, and no branch or tag points to ${shortVersion(sha)}`,
    hint: `add below on.workflow_dispatch.inputs in ${file}:\n${lines.join('\n')}\nand deploy it: with actions/checkout, \`ref: \${{ inputs.sha }}\``,
  })
}

function invalid(message: string): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message,
    hint: 'set github.workflow and github.ref: gonogo config explain github',
  })
}
