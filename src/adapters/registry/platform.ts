import type { Descriptor, Platform } from './documents.ts'

/** Such as `linux/arm64`, with the variants left out that every such machine is. */
export function platformText({ os, architecture, variant }: Platform): string {
  const parts = [os, architecture, usualVariant(architecture, variant ?? '')]
  return parts.filter((part) => part !== '').join('/')
}

/** The same of what a person wrote. */
export function wantedPlatform(text: string): string {
  const [os = '', architecture = '', variant] = text.split('/')
  return platformText({ os, architecture, variant })
}

// https://github.com/opencontainers/image-spec/blob/main/image-index.md#platform-variants
function usualVariant(architecture: string, variant: string): string {
  if (architecture === 'arm') return variant === '' ? 'v7' : variant
  const usual = { arm64: 'v8', amd64: 'v1' }[architecture]
  return variant === usual ? '' : variant
}

/** The images of an index; builders put what they attest about them beside them, for no platform. */
export function imagesOf(manifests: readonly Descriptor[], types: readonly string[]): Descriptor[] {
  return manifests.filter(({ mediaType, platform, annotations }) => {
    const isAbout = annotations?.['vnd.docker.reference.type'] !== undefined
    return types.includes(mediaType) && platform && platform.os !== 'unknown' && !isAbout
  })
}
