import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, toFailure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import { areas, couldNotCheck, unseen, type Area, type Finding } from './finding.ts'
import { approvalFindings } from './findings/approvals.ts'
import { auditFindings } from './findings/audit.ts'
import { clockFindings } from './findings/clock.ts'
import { brokenConfiguration, configurationFindings } from './findings/configuration.ts'
import { githubFindings } from './findings/github.ts'
import { isolationFindings } from './findings/isolation.ts'
import { keeperFindings } from './findings/keepers.ts'
import { liveFindings } from './findings/live.ts'
import { lockFindings } from './findings/locks.ts'
import { notificationFindings } from './findings/notifications.ts'
import { npmFindings } from './findings/npm.ts'
import { pipelineFindings } from './findings/pipeline.ts'
import { smokeFindings } from './findings/smoke.ts'
import { storeFindings } from './findings/store.ts'
import { tokenFindings } from './findings/tokens.ts'
import { variableFindings } from './findings/variables.ts'
import { versionFindings } from './findings/versions.ts'
import type { Admission, Machine, Patient } from './patient.ts'

/** One look: it may take its time, hang or crash without keeping the others from being told. */
interface Look<T> {
  area: Area
  find: (subject: T) => Promise<Finding[]> | Finding[]
}

const machineLooks: readonly Look<Machine>[] = [
  { area: 'versions', find: versionFindings },
  { area: 'configuration', find: variableFindings },
]

const projectLooks: readonly Look<Patient>[] = [
  { area: 'versions', find: npmFindings },
  { area: 'configuration', find: configurationFindings },
  { area: 'store', find: storeFindings },
  { area: 'audit', find: auditFindings },
  { area: 'notifications', find: notificationFindings },
  { area: 'keepers', find: keeperFindings },
  { area: 'approvals', find: approvalFindings },
  { area: 'tokens', find: tokenFindings },
  { area: 'locks', find: lockFindings },
  { area: 'pipeline', find: pipelineFindings },
  { area: 'github', find: githubFindings },
  { area: 'isolation', find: isolationFindings },
  { area: 'live', find: liveFindings },
  { area: 'smoke', find: smokeFindings },
  { area: 'clock', find: clockFindings },
]

/** Longer than any single question may take. */
const patienceMs = 20_000

/** Everything that can be said about this set-up, by area. Changes nothing. */
export async function examine(
  machine: Machine,
  admission: Admission,
  limitMs = patienceMs,
): Promise<Finding[]> {
  const { patient } = admission
  const found = await Promise.all([
    ...machineLooks.map((look) => taken(look, machine, limitMs)),
    ...(patient ? projectLooks.map((look) => taken(look, patient, limitMs)) : []),
  ])
  const rest = patient ? [] : [...brokenConfiguration(admission.problem), withoutProject()]
  const order = Object.keys(areas)
  const place = (finding: Finding) => order.indexOf(finding.area)
  const told = found.flat().map((finding) => (patient ? withoutSecrets(finding, patient) : finding))
  return [...told, ...rest].toSorted((left, right) => place(left) - place(right))
}

/** Reasons, causes and answers are told as somebody else wrote them. */
function withoutSecrets({ message, fix, ...rest }: Finding, { call }: Patient): Finding {
  return { ...rest, ...call.held.redact({ message, fix }) }
}

async function taken<T>({ area, find }: Look<T>, subject: T, limitMs: number): Promise<Finding[]> {
  const over = new AbortController()
  try {
    return await Promise.race([find(subject), late(limitMs, over.signal)])
  } catch (error) {
    const { message, hint } = toFailure(error)
    return [couldNotCheck(area, oneLine(message), oneLine(hint))]
  } finally {
    over.abort()
  }
}

async function late(limitMs: number, over: AbortSignal): Promise<never> {
  await sleep(limitMs, undefined, { signal: over }).catch(() => undefined)
  throw new Failure({
    code: 'internal',
    message: `no answer within ${limitMs / 1000} s`,
    hint: 'gonogo doctor --offline leaves live systems alone',
  })
}

/** Everything that wants a project, in one line: each by itself would bury what is wrong. */
function withoutProject(): Finding {
  const open = projectLooks
    .map(({ area }) => area)
    .filter((area) => area !== 'configuration' && area !== 'versions')
  const names = [...new Set(open)].map((area) => areas[area].toLowerCase()).join(', ')
  const message = `not looked at without a configuration: ${names}`
  return unseen('configuration', message, 'mend the configuration, then: gonogo doctor')
}
