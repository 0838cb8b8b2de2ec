import { join } from 'node:path'
import { Failure } from '../../../core/failure.ts'
import type { Release } from '../../../core/release.ts'
import type { Runtime } from '../../../ports/runtime.ts'
import { createFile, readNames, readText, replaceFile } from '../files.ts'

/** What is known of the run of one deployment: written before anything is sent to GitHub. */
export type RunRecord = SentRecord | RefusedRecord

/** It was asked for, or its process died just before asking: either way it is never asked for again. */
export interface SentRecord {
  format: typeof recordFormat
  /** Id of the deployment. */
  correlation_id: string
  sent: true
  /** File name in `.github/workflows`. */
  workflow: string
  /** Branch or tag. */
  ref: string
  /** The commit it pointed to just before. */
  ref_sha: string
  /** Name of the configured environment, and what it is called on GitHub. */
  environment: string
  github_environment: string
  release: Release
  /** `ref`: the run deploys the commit it runs on; `input`: the one it was told. */
  carried_by: 'input' | 'ref'
  /** Whether the title of the run holds the deployment's id: then only that title is believed. */
  titled: boolean
  /** Who asked; null for installation tokens, which do not say. */
  login: string | null
  /** Ids of runs that were there just before. */
  runs_before: string[]
  /** GitHub's clock just before, milliseconds since the epoch. */
  asked_at: number
  /** Our own clock at that moment, for the time we wait ourselves. */
  asked_at_here: number
  /** True once GitHub said yes; null while nobody knows. */
  accepted: true | null
  /** Titles of the jobs that deploy, as planned from the workflow; empty when that is not known. */
  target_jobs: string[]
  /** True when no job of the workflow names an environment: then GitHub records no deployment by itself. */
  unrecorded: boolean
  /** What GitHub's deployment was told last of the run's state; null before. */
  reported: string | null
  /** Why GitHub's deployment could not be told; null when it was. */
  report_problem: string | null
  run_id: string | null
  /** What the run said when it was looked at first. */
  seen: { head_sha: string } | null
  /** True once the run was seen to wait for a review. */
  waited?: true
  /** Why nobody looks for the run any more. */
  given_up: { code: 'run_not_started' | 'run_not_found'; cause: string } | null
  /** Our clock when its end was asked for, and when it was forced. */
  cancel_asked_at: number | null
  force_asked_at: number | null
}

/** It was called off before anything was sent, and never will be sent. */
export interface RefusedRecord {
  format: typeof recordFormat
  correlation_id: string
  sent: false
  refused: string
}

export const recordFormat = 'gonogo-github-run-v1'

/** The records of a state directory. */
export interface RunRecords {
  read(id: string): Promise<RunRecord | null>
  /** False when there is one already: of several writers the first one wins, and only it may send. */
  create(record: RecordBody): Promise<boolean>
  /** Only whoever drives the deployment changes its record, so the last writer is right. */
  update(record: SentRecord, change: Partial<SentRecord>): Promise<SentRecord>
  /** Ids of all runs known to be ours. */
  runIds(): Promise<Set<string>>
  list(): Promise<RunRecord[]>
}

export type RecordBody = Omit<SentRecord, 'format'> | Omit<RefusedRecord, 'format'>

export function createRunRecords(stateDirectory: string, runtime: Pick<Runtime, 'id'>): RunRecords {
  const directory = join(stateDirectory, 'github', 'runs')
  const pathOf = (id: string) => join(directory, `${safeName(id)}.json`)
  const read = async (id: string) => parse(await readText(pathOf(id)))

  async function list(): Promise<RunRecord[]> {
    const names = await readNames(directory)
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5))
    const records = await Promise.all(ids.map(read))
    return records.filter((record) => record !== null)
  }

  return {
    read,
    list,
    create: (record) =>
      createFile(
        pathOf(record.correlation_id),
        toText({ format: recordFormat, ...record }),
        runtime.id('tmp'),
      ),
    async update(record, change) {
      const known = await read(record.correlation_id)
      const next = { ...(known?.sent ? known : record), ...change }
      await replaceFile(pathOf(record.correlation_id), toText(next), runtime.id('tmp'))
      return next
    },
    runIds: async () => {
      const records = await list()
      const ids = records.map((record) => (record.sent ? record.run_id : null))
      return new Set(ids.filter((id) => id !== null))
    },
  }
}

/** Whether the run of a deployment was ever seen to wait for a review. */
export async function waitedFor(records: RunRecords, id: string): Promise<boolean> {
  const record = await records.read(id)
  return record?.sent === true && record.waited === true
}

function safeName(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(id)) return id
  throw new Failure({
    code: 'invalid_input',
    message: `deployment id ${JSON.stringify(id.slice(0, 100))} cannot name a run`,
    hint: 'take the id from: gonogo list',
  })
}

function parse(text: string | null): RunRecord | null {
  return text === null ? null : (JSON.parse(text) as RunRecord)
}

function toText(record: unknown): string {
  return `${JSON.stringify(record, null, 2)}\n`
}
