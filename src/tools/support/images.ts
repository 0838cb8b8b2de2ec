import { toFailure } from '../../core/failure.ts'
import {
  imageName,
  isBuiltFrom,
  runsAsRoot,
  type ImageRule,
  type PinnedImage,
} from '../../core/image.ts'
import { isFullSha, shortVersion, type Release } from '../../core/release.ts'
import { oneLine } from '../../core/text.ts'
import type { ImageFacts, Registry } from '../../ports/registry.ts'

/** What one look at the registry said about one image. */
export interface Looked {
  /** Null when its digest is not known. */
  image: PinnedImage | null
  /** What is wrong with it, each with the way out. */
  wrong: string[]
  /** Why it could not be looked at. */
  unseen: string[]
  /** What a person should look at. */
  doubts: string[]
  evidence: { name: string } & Record<string, unknown>
}

interface Looking {
  release: Release
  registry: Registry
  signal: AbortSignal
}

/** What would be asked for each image. */
export function placesOf(
  rules: readonly ImageRule[],
  release: Release,
  registry: Registry,
): string[] {
  return rules.map((rule) => {
    const { image, tag, wanted } = imageName(rule, release)
    return tag === null ? noTag(rule, wanted) : registry.describe({ image, tag })
  })
}

/** Asks the registry of one image. Never rejects. */
export async function lookAt(rule: ImageRule, looking: Looking): Promise<Looked> {
  const { image, tag, wanted } = imageName(rule, looking.release)
  const evidence = { name: rule.name, platform: rule.platform }
  const nothing = { image: null, wrong: [], unseen: [], doubts: [], evidence }
  if (tag === null) return { ...nothing, wrong: [noTag(rule, wanted)] }
  const reference = `${image}:${tag}`
  const named = { ...evidence, reference, ...(rule.image !== image && { configured: rule.image }) }
  const { registry, signal } = looking
  try {
    const facts = await registry.inspect({ image, tag }, { platform: rule.platform, signal })
    return judge(rule, { reference, facts, release: looking.release, evidence: named })
  } catch (error) {
    const { code, message, hint } = toFailure(error)
    const text = signal.aborted
      ? `${rule.name}: the time was over before the registry of ${reference} had answered: validate again`
      : `${rule.name}: ${message}: ${hint}${lowered(rule, image)}`
    const kind = code === 'unknown_image' ? 'wrong' : 'unseen'
    return { ...nothing, evidence: { ...named, error: code }, [kind]: [oneLine(text, 500)] }
  }
}

function noTag({ name, tag }: ImageRule, wanted: string): string {
  return `${name}: ${oneLine(wanted, 150)} is no tag of an image: change its tag (${tag}) in gonogo.yaml; {{sha}} always makes one`
}

function lowered(rule: ImageRule, image: string): string {
  return rule.image === image ? '' : ` (${rule.image} in lower case, as registries want it)`
}

interface Judging {
  reference: string
  facts: ImageFacts
  release: Release
  evidence: Looked['evidence']
}

function judge(rule: ImageRule, { reference, facts, release, evidence }: Judging): Looked {
  const { digest, manifest, config } = facts
  const platforms = facts.platforms.slice(0, 20).map((platform) => oneLine(platform, 60))
  const seen = { ...evidence, digest, manifest, platforms }
  const looked = {
    image: { name: rule.name, reference, digest },
    wrong: [] as string[],
    unseen: [],
    doubts: [] as string[],
    evidence: config === null ? seen : { ...seen, ...shown(config) },
  }
  if (config === null) {
    const there = platforms.join(', ') || 'no platform'
    looked.wrong.push(
      `${rule.name}: ${reference} exists for ${there} and not for ${rule.platform}: build it for ${rule.platform}, or correct its platform in gonogo.yaml`,
    )
    return looked
  }
  looked.wrong.push(
    ...otherCommit(rule, reference, config, release),
    ...unfit(rule, reference, config),
  )
  looked.doubts.push(...noCommit(rule, reference, config))
  return looked
}

type Config = NonNullable<ImageFacts['config']>

function shown({ created, revision, user, healthcheck }: Config): Record<string, unknown> {
  return {
    created,
    revision: revision === null ? null : oneLine(revision, 100),
    user: oneLine(user, 100),
    healthcheck,
  }
}

const label = 'org.opencontainers.image.revision'

function otherCommit(
  { name }: ImageRule,
  reference: string,
  { revision }: Config,
  release: Release,
): string[] {
  if (revision === null || isBuiltFrom(revision, release)) return []
  return [
    `${name}: ${reference} was built from ${shortened(revision)}, not from ${shortVersion(release.sha)}: build and push it from this commit, with the label ${label}`,
  ]
}

function shortened(revision: string): string {
  const text = oneLine(revision, 60)
  return isFullSha(text) ? shortVersion(text) : text
}

function noCommit({ name }: ImageRule, reference: string, { revision }: Config): string[] {
  if (revision !== null) return []
  return [
    `${name}: ${reference} does not say its commit: build it with the label ${label} set to the full commit`,
  ]
}

function unfit(rule: ImageRule, reference: string, { user, healthcheck }: Config): string[] {
  const { name } = rule
  const problems: string[] = []
  if (rule.require_user && runsAsRoot(user)) {
    problems.push(`${name}: ${reference} runs as root: set USER in its Dockerfile`)
  }
  if (rule.require_healthcheck && !healthcheck) {
    problems.push(`${name}: ${reference} has no health check: add HEALTHCHECK to its Dockerfile`)
  }
  return problems
}
