import { fail, note, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

const toleratedMs = 30_000
const fix = 'timedatectl set-ntp true, then: timedatectl'

/** Approvals, leases and evidence expire by this machine's clock. */
export async function clockFindings(patient: Patient): Promise<Finding[]> {
  const [skew, future] = await Promise.all([skewFinding(patient), futureFindings(patient)])
  return [...skew, ...future]
}

async function skewFinding(patient: Patient): Promise<Finding[]> {
  if (patient.offline) return []
  const { environments } = patient.call.project
  const urls = environments.flatMap(({ health, version }) => [
    ...Object.values(health),
    ...(version ? [version.url] : []),
  ])
  const skews = (await Promise.all(urls.map((url) => skewOf(patient, url)))).flat()
  if (skews.length === 0) {
    const message = 'no live system told its time: this clock was compared with none'
    return [note('clock_skew', message, 'timedatectl')]
  }
  // One live system may be wrong; all of them are hardly wrong by the same.
  const least = skews.toSorted((left, right) => Math.abs(left) - Math.abs(right))[0] ?? 0
  const seconds = Math.round(Math.abs(least) / 1000)
  if (Math.abs(least) <= toleratedMs)
    return [ok('clock_skew', `within ${Math.max(seconds, 1)} s of what live systems say`)]
  const way = least > 0 ? 'ahead of' : 'behind'
  return [warn('clock_skew', `this clock is ${seconds} s ${way} the live systems`, fix)]
}

async function skewOf({ ask }: Patient, url: string): Promise<number[]> {
  const { answer, at } = await ask(url)
  const told = answer.reached && answer.date !== null ? Date.parse(answer.date) : Number.NaN
  return Number.isNaN(told) ? [] : [at - told]
}

async function futureFindings({ call, records }: Patient): Promise<Finding[]> {
  const limit = call.runtime.now() + toleratedMs
  const [line] = await call.audit.tail(1)
  // A store that cannot be read is a finding of its own.
  const newest = (await records().catch(() => null))?.seen?.newest
  const late = [
    ...(line && Date.parse(line.timestamp) > limit ? [`audit line ${line.seq}`] : []),
    ...(newest && newest.created_at > limit ? [newest.id] : []),
  ]
  return late.map((what) =>
    fail('clock_future', `${what} is from the future: the clock has been set back`, fix),
  )
}
