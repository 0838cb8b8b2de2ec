import { join } from 'node:path'

/** In the built program, where npm leaves out every .gitignore: the build renamed the one there is. */
export const isBundled = !import.meta.filename.endsWith('.ts')

/** The sample's files: in `examples` of the sources, copied to `dist/sample` by the build. */
export function sampleFiles(...path: string[]): string {
  const place = isBundled ? '../sample' : '../../../examples'
  return join(import.meta.dirname, place, ...path)
}
