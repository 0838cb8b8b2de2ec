/** Image registries that speak the OCI distribution protocol. Reading never changes them. */
export interface Registry {
  /**
   * What a tag names right now. Fails with `unknown_image` when there is no such tag, `not_permitted` when
   * the registry wants credentials it was not given, and `registry_unavailable` when it does not answer as
   * it should. Every digest was compared with the bytes it stands for.
   */
  inspect(reference: ImageReference, options: InspectOptions): Promise<ImageFacts>
  /** What would be contacted, for a dry run. */
  describe(reference: ImageReference): string
}

export interface ImageReference {
  /** Registry and repository, such as `ghcr.io/acme/api`. */
  image: string
  tag: string
}

export interface InspectOptions {
  /** Such as `linux/amd64`. */
  platform: string
  signal?: AbortSignal
}

export interface ImageFacts {
  /** Of what the tag names: an index where there is one, else the manifest. */
  digest: string
  /** Of the manifest for the wanted platform; null when there is none for it. */
  manifest: string | null
  /** What it exists for, such as `linux/amd64`. */
  platforms: string[]
  /** Of the wanted platform's image; null without a manifest for it. Texts are untrusted. */
  config: {
    /** RFC 3339; null when it does not say. */
    created: string | null
    /** `org.opencontainers.image.revision`; null without the label. */
    revision: string | null
    /** Empty or `0` or `root`: it runs as root. */
    user: string
    healthcheck: boolean
  } | null
}
