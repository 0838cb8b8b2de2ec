import type { CommitContext } from '../../../core/commit-checks.ts'
import type { SuiteResult } from '../../../core/test-suites.ts'
import { judgeCounts } from '../../../core/test-report.ts'
import { oneLine } from '../../../core/text.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { readArtifact, type ArtifactDeps } from './artifact-report.ts'
import type { SuiteSubject } from './suites.ts'

type Counted = Pick<SuiteResult, 'report' | 'counted_from' | 'note' | 'problem'>

const nothing: Counted = { report: null, counted_from: null, note: null, problem: null }

interface Artifact {
  id: string
  name: string
  expired: boolean
  created_at: string | null
}

/** From the artifact, or from the check run's title, whichever is configured; never from anything else. */
export async function countTests(
  deps: ArtifactDeps,
  subject: SuiteSubject,
  contexts: readonly CommitContext[],
  signal?: AbortSignal,
): Promise<Counted> {
  const { junit_artifact, counts_check } = subject.suite
  if (junit_artifact !== null) return await fromArtifact(deps, subject, junit_artifact, signal)
  if (counts_check === null) return nothing
  const told = contexts.flatMap(({ name, report }) => (name === counts_check && report) || [])
  // Of several with that name, one that counts failures is believed.
  const report = told.find(({ counts }) => judgeCounts(counts) === 'failed') ?? told[0]
  if (report) return { ...nothing, report, counted_from: 'check_run' }
  return { ...nothing, note: `no check run ${oneLine(counts_check)} has counts in its title` }
}

async function fromArtifact(
  deps: ArtifactDeps,
  subject: SuiteSubject,
  name: string,
  signal?: AbortSignal,
): Promise<Counted> {
  const what = `artifact ${oneLine(name)}`
  const artifact = await newestOf(deps.client, subject.run.id, name)
  if (artifact === undefined) {
    const fix = 'upload one in the workflow, or correct github.tests in gonogo.yaml'
    return { ...nothing, problem: `its run has no ${what}: ${fix}` }
  }
  if (artifact.expired) return { ...nothing, note: `the ${what} has expired` }
  if (isOlder(artifact, subject)) {
    return { ...nothing, note: `the ${what} is of an earlier attempt, so it was not counted` }
  }
  const { report, problem } = await readArtifact(deps, artifact.id, signal)
  if (problem !== null) return { ...nothing, problem: `its ${what} cannot be read: ${problem}` }
  return { ...nothing, report, counted_from: 'artifact' }
}

/** An attempt keeps what earlier ones uploaded; of one name the last upload is what people see. */
async function newestOf(client: GitHubClient, run_id: string, name: string) {
  const { items } = await client.list<Artifact>('/actions/runs/{run_id}/artifacts', {
    params: { run_id, name },
    key: 'artifacts',
  })
  return items
    .filter((one) => one.name === name)
    .toSorted((one, other) => (BigInt(one.id) > BigInt(other.id) ? -1 : 1))[0]
}

/** Uploaded before the tests began that are judged here. */
function isOlder({ created_at }: Artifact, { run, jobs }: SuiteSubject): boolean {
  const begins = jobs.length > 0 ? jobs.map((job) => job.started_at) : [run.run_started_at ?? null]
  const times = begins.flatMap((text) => (text === null ? [] : [Date.parse(text)]))
  return created_at !== null && times.length > 0 && Date.parse(created_at) < Math.min(...times)
}
