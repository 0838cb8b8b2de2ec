import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { oneLine } from '../../core/text.ts'
import type { ImageFacts, ImageReference, InspectOptions } from '../../ports/registry.ts'
import { createClient, type Client, type ClientDeps, type Got } from './client.ts'
import {
  configTypes,
  imageConfig,
  imageIndex,
  imageManifest,
  indexTypes,
  manifestTypes,
  typed,
  type Descriptor,
  type ImageConfig,
} from './documents.ts'
import { noImage, unavailable, unknownImage } from './failures.ts'
import { placeOf, type Place } from './place.ts'
import { imagesOf, platformText, wantedPlatform } from './platform.ts'

/** Registries take no longer manifests either. */
const maxBytes = 4 * 1024 * 1024

const revisionKey = 'org.opencontainers.image.revision'

interface Reading {
  place: Place
  client: Client
  tag: string
  /** As platforms are written here. */
  wanted: string
}

/** Bytes that were compared with their digest, and their media type. */
interface Document {
  digest: string
  type: string
  body: Buffer
}

export async function inspect(
  { image, tag }: ImageReference,
  { platform }: InspectOptions,
  deps: ClientDeps,
): Promise<ImageFacts> {
  const place = placeOf(image)
  const client = createClient(place, deps)
  const reading = { place, client, tag, wanted: wantedPlatform(platform) }
  const top = await tagged(reading)
  if (indexTypes.includes(top.type)) return ofIndex(top, reading)
  if (!manifestTypes.includes(top.type)) throw noImage(place, tag, top.type)
  const { config, revision } = await ofManifest(top, reading)
  const own = platformText(config)
  const facts = { digest: top.digest, platforms: own === '' ? [] : [own] }
  if (own !== reading.wanted) return { ...facts, manifest: null, config: null }
  return { ...facts, manifest: top.digest, config: configFacts(config, revision) }
}

async function ofIndex(top: Document, reading: Reading): Promise<ImageFacts> {
  const { place, wanted } = reading
  const index = parse(imageIndex, top.body, place, 'an index')
  const images = imagesOf(index.manifests, manifestTypes).map((image) => ({
    image,
    name: platformText(image.platform!),
  }))
  const facts = { digest: top.digest, platforms: [...new Set(images.map(({ name }) => name))] }
  // "If multiple manifests match, the first matching entry SHOULD be used": image-index.md
  const chosen = images.find(({ name }) => name === wanted)?.image
  if (!chosen) return { ...facts, manifest: null, config: null }
  const manifest = await described(chosen, 'manifests', reading)
  const { config, revision } = await ofManifest(manifest, reading)
  if (platformText(config) !== wanted) {
    const what = `has an image that is listed for ${wanted} and says it is for ${oneLine(platformText(config), 60)}`
    throw unavailable(place, what, false)
  }
  const said = revision ?? index.annotations?.[revisionKey]
  return { ...facts, manifest: manifest.digest, config: configFacts(config, said) }
}

async function ofManifest({ body }: Document, reading: Reading) {
  const { place, tag } = reading
  const { config: named, annotations } = parse(imageManifest, body, place, 'a manifest')
  if (!configTypes.includes(named.mediaType)) throw noImage(place, tag, named.mediaType)
  const blob = await described(named, 'blobs', reading)
  const config = parse(imageConfig, blob.body, place, 'an image configuration')
  return { config, revision: config.config?.Labels?.[revisionKey] ?? annotations?.[revisionKey] }
}

function configFacts(
  { created, config }: ImageConfig,
  revision: string | undefined,
): NonNullable<ImageFacts['config']> {
  const test = config?.Healthcheck?.Test ?? []
  return {
    created: created && isMoment(created) ? created : null,
    revision: revision || null,
    user: config?.User ?? '',
    healthcheck: test.length > 0 && test[0] !== 'NONE',
  }
}

function isMoment(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
  )
}

/** What the tag names now. From here on everything is asked for by its digest. */
async function tagged({ place, client, tag }: Reading): Promise<Document> {
  const accept = [...indexTypes, ...manifestTypes].join(', ')
  const got = await client.get(`/v2/${place.name}/manifests/${tag}`, { accept, maxBytes })
  if (!got) throw unknownImage(place, tag)
  return { digest: digestOf(place, got), type: typeOf(place, got), body: got.body }
}

/** What a descriptor names, if it is that. */
async function described(
  { digest, size, mediaType }: Descriptor,
  kind: 'manifests' | 'blobs',
  { place, client }: Reading,
): Promise<Document> {
  const name = oneLine(digest, 80)
  const hash = hashOfDigest(digest)
  if (!hash) throw unavailable(place, `names ${name}, which is no digest`, false)
  if (size > maxBytes) throw unavailable(place, `names ${name} with ${size} bytes: too many`, false)
  const accept = kind === 'manifests' ? manifestTypes.join(', ') : '*/*'
  const got = await client.get(`/v2/${place.name}/${kind}/${digest}`, { accept, maxBytes })
  if (!got) throw unavailable(place, `names ${name} and does not have it`, false)
  if (hash.of(got.body) !== digest) {
    throw unavailable(
      place,
      `answered with something else than ${name}: do not use this image`,
      false,
    )
  }
  return { digest, type: mediaType, body: got.body }
}

const hashes = [
  { shape: /^sha256:[0-9a-f]{64}$/, of: (bytes: Buffer) => hashOf('sha256', bytes) },
  { shape: /^sha512:[0-9a-f]{128}$/, of: (bytes: Buffer) => hashOf('sha512', bytes) },
]

/** Undefined for anything that is none of them, whatever it is called. */
function hashOfDigest(digest: string) {
  return hashes.find(({ shape }) => shape.test(digest))
}

function hashOf(algorithm: string, bytes: Buffer): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** Of the bytes themselves; what the registry says about them must be the same. */
function digestOf(place: Place, { digest: said, body }: Got): string {
  if (said === undefined || hashOfDigest(said)?.of(body) === said) return hashOf('sha256', body)
  const what = `says ${oneLine(said, 80)} about bytes that are ${hashOf('sha256', body)}`
  throw unavailable(place, `${what}: do not use this image`, false)
}

function typeOf(place: Place, { body, contentType }: Got): string {
  const { mediaType } = parse(typed, body, place, 'a manifest')
  if (mediaType === undefined || mediaType === contentType) return contentType
  // A registry that does not know what it has says so in general words.
  if (['', 'application/json', 'application/octet-stream'].includes(contentType)) return mediaType
  const both = `${oneLine(contentType, 80)} and ${oneLine(mediaType, 80)}`
  throw unavailable(place, `answered with a manifest of two types: ${both}`, false)
}

function parse<T>(schema: z.ZodType<T>, body: Buffer, place: Place, what: string): T {
  const parsed = schema.safeParse(jsonOf(body))
  if (parsed.success) return parsed.data
  throw unavailable(place, `answered with something that is not ${what}`, false)
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
