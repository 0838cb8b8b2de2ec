import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { flow } from '../draft/text.ts'

/** In `examples` of the sources, copied to `dist/workflows` by the build. */
function referenceFile(): string {
  const isBundled = !import.meta.filename.endsWith('.ts')
  const place = isBundled ? '../workflows' : '../../../examples/workflows'
  return join(import.meta.dirname, place, 'cd.yml')
}

/** The workflow that comes with gonogo, for a project's environments; the last one wants approvals. */
export async function referenceWorkflow(environments: readonly string[]): Promise<string> {
  const text = await readFile(referenceFile(), 'utf8')
  return text
    .replace('options: [staging, production]', () => `options: ${flow(environments)}`)
    .replace('OPEN: staging\n', () => `OPEN: ${flow(environments.slice(0, -1).join(' '))}\n`)
    .replace('`staging` and `production`', () =>
      environments.map((name) => `\`${name}\``).join(' and '),
    )
}
