import { Failure } from '../../../core/failure.ts'
import { oneLine } from '../../../core/text.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import type { WorkflowRun } from '../payloads.ts'
import type { RunRecords, SentRecord } from './run-record.ts'
import { searchRun } from './search-runs.ts'

/** How long GitHub may take to show a run, whether it accepted it or nobody knows. */
const patienceMs = 120_000

const firstPauseMs = 1000
const longestPauseMs = 15_000

/**
 * Looks for the run that was asked for until it is there or its time is up. What it finds is written
 * down; so is that nothing was found, and then nobody looks again.
 */
export async function awaitRun(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  record: SentRecord,
): Promise<SentRecord> {
  if (record.given_up) throw givenUp(record)
  const { runtime, client } = deps
  const deadline = record.asked_at_here + patienceMs
  let seen: string | null = null
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const result = await searchRun(client, records, record)
    if (result.found === 'several') return await giveUp(records, record, ambiguous(result.runs))
    const id = result.found === 'one' ? result.run.id : null
    // What is only not excluded may have a twin that GitHub shows a moment later.
    const isCertain = result.found === 'one' && (result.by === 'title' || id === seen)
    if (isCertain) return await records.update(record, { run_id: id })
    const isFirst = id !== null && seen === null
    if (!isFirst && runtime.now() >= deadline) {
      return await giveUp(records, record, nothingFound(record))
    }
    seen = id
    await runtime.sleep(pause)
  }
}

type GivenUp = NonNullable<SentRecord['given_up']>

async function giveUp(records: RunRecords, record: SentRecord, given_up: GivenUp): Promise<never> {
  throw givenUp(await records.update(record, { given_up }))
}

function nothingFound({ accepted, workflow, ref }: SentRecord): GivenUp {
  return accepted
    ? {
        code: 'run_not_found',
        cause: `GitHub accepted the start of ${workflow} on ${ref} and showed no run of it within ${patienceMs / 1000} s`,
      }
    : {
        code: 'run_not_started',
        cause: `GitHub gave no answer to the start of ${workflow} on ${ref}, and shows no run for it`,
      }
}

/** A guess could take another person's run for ours, so a person has to look. */
function ambiguous(runs: readonly WorkflowRun[]): GivenUp {
  const urls = runs.map(({ html_url }) => oneLine(html_url, 120)).join(', ')
  return {
    code: 'run_not_found',
    cause: `${runs.length} runs could be the one that was started, and nothing tells which: ${urls}`,
  }
}

function givenUp({ correlation_id, workflow, given_up }: SentRecord): Failure {
  const { code, cause } = given_up!
  const titled = `give ${workflow} the input deployment_id and a run-name with it, so that runs can be told apart`
  return new Failure({
    code,
    message: `${correlation_id}: ${cause}`,
    hint:
      code === 'run_not_started'
        ? 'deploy again'
        : `look at the runs of ${workflow} on GitHub before deploying again, and ${titled}`,
  })
}
