import type { Processes } from '../../ports/process.ts'
import type { Registry } from '../../ports/registry.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { placeOf } from './place.ts'

/** Image registries over HTTPS, and over HTTP on this machine only. */
export function createRegistry(deps: {
  env: Readonly<Record<string, string | undefined>>
  processes: Processes
  runtime: Runtime
}): Registry {
  return {
    describe({ image, tag }) {
      const { origin, name } = placeOf(image)
      return `GET ${origin}/v2/${name}/manifests/${tag}`
    },
    async inspect(reference, options) {
      // Most starts look at no image.
      const { inspect } = await import('./inspect.ts')
      return inspect(reference, options, { ...deps, signal: options.signal })
    },
  }
}
