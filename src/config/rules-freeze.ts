import { wallSpan } from '../core/freeze.ts'
import type { Problem } from './problems.ts'
import { itemsAt, valueAt } from './raw.ts'

/** A window that never opens is a slip that nobody would notice before it matters. */
export function freezeRules(data: unknown): Problem[] {
  return itemsAt(data, ['freeze']).flatMap(({ path, value }) => {
    const [from, to] = [valueAt(value, ['from']), valueAt(value, ['to'])]
    if (valueAt(value, ['kind']) !== 'dates') return []
    if (typeof from !== 'string' || typeof to !== 'string') return []
    const span = wallSpan({ from, to })
    if (!(span.to <= span.from)) return []
    return [{ path: [...path, 'to'], message: `is not after from, which is ${from}` }]
  })
}
