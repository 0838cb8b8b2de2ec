import type { Problem } from './problems.ts'
import { environmentNames, itemsAt } from './raw.ts'
import { nearest } from '../core/text.ts'

/** Lists that say where something holds must name environments that there are. */
export function namedEnvironments(data: unknown): Problem[] {
  const known = environmentNames(data)
  return ['freeze', 'custom_checks']
    .flatMap((list) => itemsAt(data, [list]))
    .flatMap(({ path }) => itemsAt(data, [...path, 'environments']))
    .filter(({ value }) => typeof value === 'string' && !known.includes(value))
    .map(({ path, value }) => ({ path, message: unknown(value as string, known) }))
}

function unknown(name: string, known: readonly string[]): string {
  const suggestion = nearest(name, known)
  const hint = suggestion === undefined ? '' : `, did you mean "${suggestion}"?`
  return `names no environment: ${JSON.stringify(name)}${hint}`
}
