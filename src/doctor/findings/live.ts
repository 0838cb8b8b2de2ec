import type { Environment } from '../../core/project.ts'
import { namesRelease, type Release } from '../../core/release.ts'
import { oneLine } from '../../core/text.ts'
import { liveVersion } from '../../tools/support/observe.ts'
import { fail, note, ok, unseen, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { healthFindings } from './health.ts'

/** What the live systems answer, and what that proves. */
export async function liveFindings(patient: Patient): Promise<Finding[]> {
  const { environments } = patient.call.project
  if (patient.offline)
    return [note('live_offline', 'live systems were not asked (--offline)', 'gonogo doctor')]
  return (await Promise.all(environments.map((each) => environmentFindings(patient, each)))).flat()
}

async function environmentFindings(patient: Patient, environment: Environment): Promise<Finding[]> {
  const { name, url, health, version } = environment
  if (url === null && version === null && Object.keys(health).length === 0) {
    const message = `${name} has no url: nothing can be asked of it, so nothing proves a deployment`
    return [warn('live_url', message, `add environments.${name}.url to gonogo.yaml`)]
  }
  const current = await currentOf(patient, environment)
  const release = current === 'unknown' || current?.sha === '' ? null : current
  const found = await Promise.all([
    // Not known to be empty: then what does not answer is taken for what should.
    healthFindings(patient, environment, current !== null),
    versionFinding(patient, environment, release),
  ])
  const unread = current === 'unknown' ? [unreadTarget(environment)] : []
  return [...unread, ...found.flat()]
}

/** What gonogo put there last; null: nothing. */
async function currentOf(
  { call: { pipeline } }: Patient,
  environment: Environment,
): Promise<Release | null | 'unknown'> {
  if (pipeline === null) return null
  // Without a `local` section there is no place to look at, which is a finding of its own.
  const nowhere = pipeline.kind === 'local' && environment.local === null
  const unread = nowhere ? null : ('unknown' as const)
  return await pipeline.current(environment).catch(() => unread)
}

function unreadTarget({ name, local }: Environment): Finding {
  const [place, fix] = local
    ? [local.directory, `ls -l ${local.directory}`]
    : [name, 'gonogo doctor']
  return unseen('live', `${name}: what gonogo last put into ${place} could not be read`, fix)
}

async function versionFinding(
  patient: Patient,
  environment: Environment,
  current: Release | null,
): Promise<Finding> {
  const { name } = environment
  const { call } = patient
  // The same answer that the other findings judge.
  const get = async (url: string) => (await patient.ask(url)).answer
  const live = await liveVersion({ ...call, probe: { ...call.probe, get } }, environment)
  if (!live.asked) {
    const message = `${name} is not asked what it runs: a change around gonogo (drift) is never seen`
    return warn('version_endpoint', message, `add environments.${name}.version to gonogo.yaml`)
  }
  if (live.reported === null) {
    const judge = current === null ? warn : fail
    return judge('version_endpoint', `${name}: ${oneLine(live.problem)}`, versionFix(environment))
  }
  return await named(patient, environment, live.reported, current)
}

async function named(
  { call }: Patient,
  environment: Environment,
  reported: string,
  current: Release | null,
): Promise<Finding> {
  const { name } = environment
  const shown = oneLine(reported, 64)
  if (current !== null && !namesRelease(reported, current)) {
    const message = `${name} says it runs ${shown}, but gonogo last put ${current.version} there`
    return warn('version_endpoint', message, `gonogo adopt ${name} VERSION, or deploy again`)
  }
  const known = await call.source.resolve(reported).catch(() => null)
  if (known === null) {
    const message = `${name} says it runs ${shown}, which the repository does not know`
    return warn('version_endpoint', message, versionFix(environment))
  }
  return ok('version_endpoint', `${name} says it runs ${shown}, a commit of the repository`)
}

function versionFix({ version }: Environment): string {
  return `curl -i ${version?.url}`
}
