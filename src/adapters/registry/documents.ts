import { z } from 'zod'

/** What a tag may name: several images, or one. Also what is asked for, in this order. */
export const indexTypes: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
export const manifestTypes: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
export const configTypes: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]

const platform = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().nullish(),
})
export type Platform = z.infer<typeof platform>

const annotations = z.record(z.string(), z.string()).nullish()

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string(),
  size: z.int().nonnegative(),
  platform: platform.nullish(),
  annotations,
})
export type Descriptor = z.infer<typeof descriptor>

// A document that could be read as both is refused: two readers could see two images in it.
const absent = z.undefined().optional()

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md */
export const imageIndex = z.object({
  mediaType: z.string().optional(),
  manifests: z.array(descriptor),
  annotations,
  config: absent,
  layers: absent,
})

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export const imageManifest = z.object({
  mediaType: z.string().optional(),
  config: descriptor,
  annotations,
  manifests: absent,
})

/** https://github.com/opencontainers/image-spec/blob/main/config.md, as far as it is read here. */
export const imageConfig = platform.extend({
  created: z.string().nullish(),
  config: z
    .object({
      User: z.string().nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
      // Docker's own, which OCI only reserves the name for; not every builder writes it.
      Healthcheck: z.object({ Test: z.array(z.string()).nullish() }).nullish(),
    })
    .nullish(),
})
export type ImageConfig = z.infer<typeof imageConfig>

/** Whatever else it is, it says what it is. */
export const typed = z.object({ mediaType: z.string().optional() })
