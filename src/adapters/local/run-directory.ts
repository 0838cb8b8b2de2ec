import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { Environment } from '../../core/project.ts'
import type { Release } from '../../core/release.ts'
import type { Run } from '../../ports/pipeline.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { readJson, replaceFile, syncDirectory, writeOnce } from './files.ts'

/**
 * What a run shall do, fixed when it is started: a configuration that changes later does not reach it.
 * Of variables it holds what the configuration says (literals, names, the file's path), no other value.
 */
export interface LocalRequest {
  format: 'gonogo-local-run-v1'
  correlation_id: string
  /** Absolute path of the git repository. */
  repository: string
  release: Release
  environment: Environment
}

/** A process that can be told from a later one with the same pid. */
export interface ProcessMark {
  pid: number
  start_time: string
}

/** A claim that no runner can take any more, because the run was refused first. */
interface Tombstone {
  /** Why. */
  refused: string
}

/** Who carries the run out, or why nobody ever will. */
type Claim = ProcessMark | Tombstone

/** Where the runner stands, for those who look on and for those who end what it left behind. */
export interface Progress {
  step: string | null
  /** The running step; its pid is its process group. `starting`: it may be there, its pid is not known. */
  process: ProcessMark | 'starting' | null
  switched: boolean
}

/** How a run ended. */
export type Outcome = Pick<Run, 'step' | 'cause' | 'switched'> & {
  state: 'succeeded' | 'failed' | 'cancelled'
}

/** The files of one run. Request, claim and outcome are written once; the first writer wins. */
export interface RunDirectory {
  readonly id: string
  readonly path: string
  /** Output of the steps, masked. */
  readonly logFile: string
  /** Output of the runner itself, for when it does not even start. */
  readonly runnerLogFile: string
  create(): Promise<void>
  request(): Promise<LocalRequest | null>
  writeRequest(request: LocalRequest): Promise<boolean>
  claim(): Promise<Claim | null>
  writeClaim(claim: Claim): Promise<boolean>
  progress(): Promise<Progress | null>
  writeProgress(progress: Progress): Promise<void>
  outcome(): Promise<Outcome | null>
  writeOutcome(outcome: Outcome): Promise<boolean>
}

/** The directory of a correlation id. Creates nothing. */
export function runDirectoryOf(
  stateDirectory: string,
  correlationId: string,
  runtime: Pick<Runtime, 'id'>,
): RunDirectory {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(correlationId)) {
    throw new Failure({
      code: 'invalid_input',
      message: `correlation id ${JSON.stringify(correlationId.slice(0, 100))} cannot name a run`,
      hint: 'take the id from: gonogo list',
    })
  }
  return openRunDirectory(join(stateDirectory, 'runs', correlationId), runtime)
}

/** The run kept in this directory. */
export function openRunDirectory(path: string, runtime: Pick<Runtime, 'id'>): RunDirectory {
  const file = (name: string) => join(path, name)
  const once = (name: string, value: unknown) =>
    writeOnce(file(name), toText(value), runtime.id('tmp'))
  return {
    id: basename(path),
    path,
    logFile: file('log'),
    runnerLogFile: file('runner.log'),
    create: async () => {
      await mkdir(path, { recursive: true, mode: 0o700 })
      await syncDirectory(dirname(path))
    },
    request: () => readJson<LocalRequest>(file('request.json')),
    writeRequest: (request) => once('request.json', request),
    claim: () => readJson<Claim>(file('claim.json')),
    writeClaim: (claim) => once('claim.json', claim),
    progress: () => readJson<Progress>(file('progress.json')),
    writeProgress: (progress) =>
      replaceFile(file('progress.json'), toText(progress), runtime.id('tmp')),
    outcome: () => readJson<Outcome>(file('outcome.json')),
    writeOutcome: (outcome) => once('outcome.json', outcome),
  }
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
