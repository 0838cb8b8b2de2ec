import { canonicalJson } from '../../../core/canonical.ts'
import { readPath } from '../../../core/json-path.ts'
import type { StepRun } from '../step-outcome.ts'
import { fillDeep, type Scalar } from '../template.ts'
import { soundsSecret } from './http.ts'

/** What is not as expected at dot-separated paths of an answer. `what` names such a place. */
export function mismatches(
  expected: Record<string, unknown>,
  answer: unknown,
  what: string,
  run: StepRun,
): string[] {
  return Object.entries(expected).flatMap(([path, value]) => {
    const wanted = fillDeep(value, run.values)
    const got = readPath(answer, path)
    if (got !== undefined && canonicalJson(got) === canonicalJson(wanted)) return []
    const received = got === undefined ? 'nothing' : run.mask.show(JSON.stringify(got))
    return [`${what} ${path}: expected ${run.mask.show(JSON.stringify(wanted))}, got ${received}`]
  })
}

/** Keeps plain values of an answer for later steps; tells which are not there. */
export function captureFrom(
  captures: Record<string, string>,
  answer: unknown,
  what: string,
  run: StepRun,
): string[] {
  return Object.entries(captures).flatMap(([name, path]) => {
    const value = readPath(answer, path)
    const isScalar = ['string', 'number', 'boolean'].includes(typeof value)
    if (!isScalar) return [`nothing to capture as ${name}: ${what} ${path} is not a plain value`]
    if (soundsSecret.test(name)) run.mask.add(String(value))
    run.capture(name, value as Scalar)
    return []
  })
}
