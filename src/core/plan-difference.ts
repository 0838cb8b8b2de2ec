import { canonicalJson } from './canonical.ts'
import type { PinnedImage } from './image.ts'
import { planDifference, type Plan } from './plan.ts'
import type { Release } from './release.ts'
import { oneLine } from './text.ts'

type Told = (before: Plan, now: Plan) => string[]

const inWords: Partial<Record<keyof Plan, Told>> = {
  release: (before, now) => [
    `the release is ${named(now.release)}, and was ${named(before.release)}`,
  ],
  from: (before, now) => [runs(now.environment, now.from, before.from)],
  before: (before, now) => [
    runs(
      now.before?.environment ?? 'the environment before',
      now.before?.release ?? null,
      before.before?.release ?? null,
    ),
  ],
  images: imagesMoved,
  migrations: (before, now) => [
    `the migrations to apply are ${applied(now)} now, and were ${applied(before)}`,
  ],
  pipeline: (before, now) => [
    `what ${now.pipeline.target} would do changed${firstStep(before, now)}`,
  ],
  policy_hash: () => ['the configuration changed (policy_hash)'],
  checks: checksChanged,
  warnings: warningsChanged,
}

/** What differs between two plans of one deployment, in words; by the name of the field where that says it. */
export function planChanges(before: Plan, now: Plan): string[] {
  return planDifference(before, now).flatMap((key) => inWords[key]?.(before, now) ?? [key])
}

/** What a validation saw, and a later plan must still hold. The results of checks are judged by themselves. */
const relevant: readonly (keyof Plan)[] = [
  'release',
  'from',
  'before',
  'images',
  'migrations',
  'pipeline',
  'policy_hash',
]

const gettingThere: readonly (keyof Plan)[] = ['from', 'migrations']

/** The same of what was validated: what the checks say anew is left to them. */
export function changesSinceValidation(
  validated: Plan,
  now: Plan,
  unasked: readonly (keyof Plan)[] = [],
): string[] {
  // Where it runs by now, what it took to get there is no question any more.
  const isThere = now.from?.sha === now.release.sha
  const asked = isThere ? relevant.filter((key) => !gettingThere.includes(key)) : relevant
  const changed = planDifference(validated, now).filter(
    (key) => asked.includes(key) && !unasked.includes(key),
  )
  return changed.flatMap((key) => inWords[key]?.(validated, now) ?? [])
}

function runs(environment: string, now: Release | null, before: Release | null): string {
  return `${environment} runs ${named(now)} now, and ran ${named(before)}`
}

function named(release: Release | null): string {
  if (release === null) return 'nothing known'
  const { version, sha } = release
  const short = sha.slice(0, 12)
  return oneLine(version === short ? short : `${version} (${short})`, 80)
}

function checksChanged(before: Plan, now: Plan): string[] {
  const [old, fresh] = [before, now].map(
    ({ checks }) =>
      new Map(checks.map(({ name, requirement, status }) => [name, `${requirement} ${status}`])),
  ) as [Map<string, string>, Map<string, string>]
  return [...new Set([...fresh.keys(), ...old.keys()])]
    .filter((name) => old.get(name) !== fresh.get(name))
    .map((name) => {
      const [is, was] = [fresh, old].map((checks) => checks.get(name) ?? 'not there')
      return `check ${name} is ${is} now, and was ${was}`
    })
}

function warningsChanged(before: Plan, now: Plan): string[] {
  return [
    ...onlyIn(now, before).map((warning) => `new warning: ${oneLine(warning, 120)}`),
    ...onlyIn(before, now).map((warning) => `no longer warned: ${oneLine(warning, 120)}`),
  ]
}

function onlyIn({ warnings }: Plan, other: Plan): string[] {
  return warnings.filter((warning) => !other.warnings.includes(warning))
}

function imagesMoved(before: Plan, now: Plan): string[] {
  const old = new Map(before.images.map((image) => [image.name, image]))
  const moved = now.images.flatMap((image) => {
    const was = old.get(image.name)
    old.delete(image.name)
    return was && canonicalJson(was) === canonicalJson(image) ? [] : [imageMoved(image, was)]
  })
  return [...moved, ...[...old.values()].map(({ name }) => `image ${name} is no longer planned`)]
}

function imageMoved(
  { name, reference, digest }: PinnedImage,
  was: PinnedImage | undefined,
): string {
  const before = was === undefined ? 'was not planned' : `was ${was.digest}`
  return `image ${name}: ${oneLine(reference, 120)} is ${digest} now, and ${before}`
}

const shownRevisions = 5

function applied({ migrations }: Plan): string {
  if (migrations === null) return 'unknown'
  const { revisions, verdict } = migrations
  if (revisions.length === 0) return 'none'
  const shown = revisions.slice(0, shownRevisions).map((revision) => oneLine(revision, 40))
  const more =
    revisions.length > shownRevisions ? ` and ${revisions.length - shownRevisions} more` : ''
  return `${shown.join(', ')}${more} (${verdict.replace('_', ' ')})`
}

function firstStep(before: Plan, now: Plan): string {
  const old = new Set(before.pipeline.steps.map((step) => canonicalJson(step)))
  const step = now.pipeline.steps.find((one) => !old.has(canonicalJson(one)))
  return step ? `: ${step.phase} ${oneLine(step.name, 60)}` : ''
}
