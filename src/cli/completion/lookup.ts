import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { loadProject } from '../../config/load.ts'
import { findEnvironment, stagingOf, type Project } from '../../core/project.ts'
import type { Tables } from '../../ports/store.ts'
import type { Surface } from '../surface.ts'
import type { Candidate, Kind, Lookup } from './candidates.ts'

const most = 20
const mostRefs = 100
const refTimeoutMs = 2000

/** Values of the project around: `directory` as typed after `--project`. */
export function lookupIn(surface: Surface, directory: string | undefined): Lookup {
  return async (kind, given) => {
    const { env, cwd } = surface
    const { project } = await loadProject({ env, cwd, ...(directory && { directory }) })
    if (kind === 'environment') return environmentsOf(project)
    if (kind === 'git_ref') return await refsOf(surface, project)
    if (kind === 'notification_target') return targetsOf(project)
    return await stored(surface, project, directory, (tables, now) =>
      recordsOf({ kind, project, given, now }, tables),
    )
  }
}

function environmentsOf({ environments }: Project): Candidate[] {
  return environments.map(({ name, url }) => ({
    value: name,
    help: URL.parse(url ?? '')?.host ?? '',
  }))
}

function targetsOf({ notifications }: Project): Candidate[] {
  return notifications.map(({ name, kind }) => ({ value: name, help: kind }))
}

async function refsOf(surface: Surface, { repository }: Project): Promise<Candidate[]> {
  const processes = await surface.processes()
  const format = '--format=%(refname)'
  const { stdout } = await processes.run(
    [
      'git',
      'for-each-ref',
      format,
      '--sort=-creatordate',
      `--count=${mostRefs}`,
      'refs/tags',
      'refs/heads',
    ],
    { cwd: repository, timeoutMs: refTimeoutMs },
  )
  return new TextDecoder()
    .decode(stdout)
    .split('\n')
    .flatMap((line) => {
      const [, kind, name] = /^refs\/(tags|heads)\/(.+)$/.exec(line) ?? []
      return name ? [{ value: name, help: kind === 'tags' ? 'tag' : 'branch' }] : []
    })
}

/** Looks into a store that exists. Asking for what to type next makes none. */
async function stored(
  surface: Surface,
  project: Project,
  directory: string | undefined,
  read: (tables: Tables, now: number) => Promise<Candidate[]>,
): Promise<Candidate[]> {
  await access(join(project.state_directory, 'gonogo.db'))
  const { store, runtime } = await surface.connect({
    ...(directory && { directory }),
    readOnly: true,
  })
  try {
    return await store.read((tables) => read(tables, runtime.now()))
  } finally {
    await store.close()
  }
}

interface Question {
  kind: Exclude<Kind, 'environment' | 'git_ref' | 'notification_target'>
  project: Project
  given: readonly string[]
  now: number
}

async function recordsOf(
  { kind, project, given, now }: Question,
  { deployments, approvals, holds, callerTokens }: Tables,
): Promise<Candidate[]> {
  if (kind === 'caller_token') {
    const inUse = (await callerTokens.list()).filter(({ revoked_at }) => revoked_at === null)
    return inUse.map(({ id, name, role }) => ({ value: name, help: `${role}, ${id}` }))
  }
  if (kind === 'deployment') {
    const { rows } = await deployments.list({ limit: most })
    return rows.map(({ id, kind: what, release, environment, status }) => ({
      value: id,
      help: `${what} of ${release.version} to ${environment}, ${status}`,
    }))
  }
  if (kind === 'request' || kind === 'approval') {
    const states = kind === 'request' ? (['open'] as const) : (['approved', 'open'] as const)
    const found = await approvals.list({ states, limit: most })
    const valid = found.filter(({ expires_at }) => expires_at > now)
    return valid.map(({ id, environment, requester, state }) => ({
      value: id,
      help: `${environment}, ${state}, asked by ${requester}`,
    }))
  }
  const environment = findEnvironment(project, given[0] ?? '') ?? stagingOf(project)
  if (!environment) return []
  if (kind === 'held_version') {
    const held = await holds.list(environment.name)
    return held.map(({ version, reason }) => ({ value: version, help: reason }))
  }
  const { name } = environment
  const { rows } = await deployments.list({ environment: name, limit: most, includeFailed: false })
  const versions = new Set(rows.map(({ release }) => release.version))
  return [...versions].map((value) => ({ value, help: `was deployed to ${name}` }))
}
