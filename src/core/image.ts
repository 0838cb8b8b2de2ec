import { shortVersion, type Release } from './release.ts'

/** An image of the release, as the configuration names it. */
export interface ImageRule {
  /** What the plan calls it, such as `api`. */
  name: string
  /** Registry and repository without tag, such as `ghcr.io/acme/api`. */
  image: string
  /** `{{version}}`, `{{number}}`, `{{sha}}` and `{{short_sha}}` stand for the release's own. */
  tag: string
  /** Such as `linux/amd64`; the image must exist for it. */
  platform: string
  /** Refuse an image that runs as root. */
  require_user: boolean
  /** Refuse an image without a health check. */
  require_healthcheck: boolean
}

/** An image of one release, pinned: a tag may move, a digest cannot. */
export interface PinnedImage {
  name: string
  /** With its tag, such as `ghcr.io/acme/api:v1.2.0`. */
  reference: string
  /** Of what the tag names: an index where there is one, else the manifest. `sha256:` and 64 hex digits. */
  digest: string
}

/** What a rule's tag and repository come to for one release. */
export interface ImageName {
  /** In lower case: that is the only one registries know. */
  image: string
  /** Null when what the release puts in makes no tag. */
  tag: string | null
  /** The tag as it was filled in, whatever it is. */
  wanted: string
}

/** Where the release's image is, by its rule. */
export function imageName({ image, tag }: ImageRule, release: Release): ImageName {
  const wanted = filledIn(tag, release)
  // https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
  const isTag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(wanted)
  return { image: image.toLowerCase(), tag: isTag ? wanted : null, wanted }
}

/** Builders usually leave out the `v` of a version, and shorten a commit to seven digits. */
function filledIn(tag: string, { version, sha }: Release): string {
  const values: Record<string, string> = {
    version,
    number: version === shortVersion(sha) ? version : version.replace(/^v(?=\d)/, ''),
    sha,
    short_sha: sha.slice(0, 7),
  }
  return tag.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '')
}

/** Whether a process of an image with this user is root by default: `user`, `uid`, either with a group. */
export function runsAsRoot(user: string): boolean {
  const [name = ''] = user.trim().split(':')
  return name === '' || name === 'root' || /^0+$/.test(name)
}

/** Whether what an image says it was built from is this commit, in full or shortened. */
export function isBuiltFrom(revision: string, { sha }: Release): boolean {
  const text = revision.trim().toLowerCase()
  return /^[0-9a-f]{7,}$/.test(text) && sha.startsWith(text)
}
