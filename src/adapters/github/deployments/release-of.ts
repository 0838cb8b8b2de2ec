import { isFullSha, shortVersion, type Release } from '../../../core/release.ts'
import { sameName } from '../same-name.ts'
import { readCommit } from '../source/commits.ts'
import type { Reading } from './deps.ts'
import type { RunFacts } from './facts.ts'
import type { Tags } from './tags.ts'
import { parseTitle } from './title.ts'
import { workflowOf } from './workflow-facts.ts'

/** What a run put somewhere, or why GitHub's records do not say it. */
export type Deployed = { release: Release } | { release: null; why: string }

/** Events whose run checks out the commit it belongs to. */
const byCommit = new Set(['push', 'release', 'schedule', 'merge_group'])

/** The release that a run deployed to an environment, from what GitHub recorded and nothing else. */
export async function releaseOfRun(
  reading: Reading,
  run: RunFacts,
  environment: string,
  tags: Tags,
): Promise<Deployed> {
  if (byCommit.has(run.event)) return { release: named(run.head_sha, tags) }
  if (run.event !== 'workflow_dispatch') {
    return { release: null, why: `GitHub does not tell what a run for ${run.event} deploys` }
  }
  const title = parseTitle(run.title)
  if (title && !sameName(title.environment, environment)) return inputsUnknown
  const sha = title && (await commitOfRun(reading, run.id, title.version, tags))
  if (title && sha) {
    const tagged = tags.commits.has(title.version)
    return { release: tagged ? { sha, version: title.version } : named(sha, tags) }
  }
  const workflow = await workflowOf(reading, run)
  if (workflow?.version_inputs.length === 0) return { release: named(run.head_sha, tags) }
  return inputsUnknown
}

const inputsUnknown: Deployed = {
  release: null,
  why: 'the run was started with inputs GitHub does not tell',
}

/** A commit with the version people know it by. */
export function named(sha: string, tags: Tags): Release {
  return { sha, version: tags.names.get(sha) ?? shortVersion(sha) }
}

/** What the title named when it was seen first: a tag that was moved since says nothing about this run. */
async function commitOfRun(
  reading: Reading,
  runId: string,
  version: string,
  tags: Tags,
): Promise<string | null> {
  const key = `run ${runId}: ${version}`
  const known = reading.memory.commits.get(key)
  if (known !== undefined) return known
  const sha = await commitOf(reading, version, tags)
  if (sha !== null) reading.memory.commits.set(key, sha)
  return sha
}

/** Only what always means the same commit: a tag or a hash, never a branch. */
async function commitOf(
  { client, memory }: Reading,
  version: string,
  tags: Tags,
): Promise<string | null> {
  const tagged = tags.commits.get(version)
  if (tagged !== undefined) return tagged
  if (isFullSha(version)) return version
  if (!/^[0-9a-f]{7,64}$/.test(version)) return null
  const known = memory.commits.get(version)
  if (known !== undefined) return known
  const sha = (await readCommit(client, version))?.sha ?? null
  // A branch may be called like a hash.
  if (sha === null || !sha.startsWith(version)) return null
  memory.commits.set(version, sha)
  return sha
}
