import { readPath } from '../../core/json-path.ts'
import { unknownRelease } from '../../core/observed.ts'
import type { Environment } from '../../core/project.ts'
import { namesRelease, type Release } from '../../core/release.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { readObserved, withObserved } from './observed.ts'

/** What an environment runs, from evidence: the pipeline's record and the live system's own word. */
export interface Observation {
  release: Release | null
  /** Who said so; null when nobody did. */
  source: 'pipeline' | 'history' | null
  live: LiveVersion
  /** One sentence when the evidence disagrees, else null. */
  drift: string | null
}

export type LiveVersion =
  | { asked: false }
  | { asked: true; reported: string }
  | { asked: true; reported: null; problem: string }

const versionTimeoutMs = 5000

/** Asks everyone who can know; a silent live system is reported, not guessed over. */
export async function observe(call: Call, environment: Environment): Promise<Observation> {
  const [recorded, live] = await Promise.all([
    recordedRelease(call, environment),
    liveVersion(call, environment),
  ])
  const known = recorded ?? (await releaseAfterAll(call, environment, live))
  return { ...known, live, drift: driftBetween(environment, known.release, live) }
}

function unknown(problem: string): LiveVersion {
  return { asked: true, reported: null, problem }
}

/** What the live system reports through its version endpoint. */
export async function liveVersion(call: Call, environment: Environment): Promise<LiveVersion> {
  const { version } = environment
  if (!version) return { asked: false }
  const answer = await call.probe.get(version.url, { timeoutMs: versionTimeoutMs })
  if (!answer.reached) return unknown(`${version.url} did not answer: ${answer.problem}`)
  if (answer.status !== 200) return unknown(`${version.url} answered ${answer.status}`)
  const reported = fieldOf(answer.body, version.json_path)
  if (typeof reported === 'string' && reported !== '') return { asked: true, reported }
  return unknown(`${version.url} has no text at ${version.json_path}`)
}

type Recorded = Pick<Observation, 'release' | 'source'>

/** Null when the pipeline's records end with something that they do not tell. */
async function recordedRelease(call: Call, environment: Environment): Promise<Recorded | null> {
  const current = (await call.pipeline?.current(environment)) ?? null
  if (current?.sha === unknownRelease.sha) return null
  if (current) return { release: current, source: 'pipeline' }
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ environment: environment.name, limit: 20, includeFailed: false }),
  )
  const last = rows.find((row) => row.status === 'success')
  return last ? { release: last.release, source: 'history' } : { release: null, source: null }
}

/**
 * What runs where the records do not tell: what a person adopted since, or the release of its history that
 * the live system names. An older success is no answer.
 */
async function releaseAfterAll(
  call: Call,
  environment: Environment,
  live: LiveVersion,
): Promise<Recorded> {
  const { name } = environment
  const stored = await call.store.read((tables) =>
    tables.deployments.list({ environment: name, limit: 100 }),
  )
  const { rows } = await readObserved(call)
  const observed = rows.filter((row) => row.environment === name)
  const history = withObserved(stored.rows, observed)
  const reported = live.asked ? live.reported : null
  const [newest] = history
  const found =
    newest?.kind === 'adoption'
      ? newest
      : history.find((row) => reported !== null && isNamed(reported, row.release))
  return found ? { release: found.release, source: 'history' } : { release: null, source: null }
}

function isNamed(reported: string, release: Release): boolean {
  return release.sha !== unknownRelease.sha && namesRelease(reported, release)
}

function driftBetween(
  environment: Environment,
  release: Release | null,
  live: LiveVersion,
): string | null {
  if (!live.asked || live.reported === null) return null
  const reported = oneLine(live.reported, 64)
  if (release === null)
    return `${environment.name} reports ${reported}, which gonogo did not deploy`
  if (namesRelease(live.reported, release)) return null
  return `${environment.name} reports ${reported}, but the records say ${release.version}`
}

function fieldOf(body: string, path: string): unknown {
  try {
    return readPath(JSON.parse(body), path)
  } catch {
    return undefined
  }
}
