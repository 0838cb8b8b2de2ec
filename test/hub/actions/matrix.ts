import { shape } from './workflow.ts'

export type Combination = Record<string, unknown>

/** The jobs a matrix makes, as GitHub counts them: products, without `exclude`, then `include`. */
export function expandMatrix(matrix: unknown): Combination[] {
  const { include, exclude, ...axes } = shape(matrix)
  let combinations: Combination[] = [{}]
  for (const [name, values] of Object.entries(axes)) {
    const choices = Array.isArray(values) ? values : []
    combinations = combinations.flatMap((each) =>
      choices.map((value) => ({ ...each, [name]: value })),
    )
  }
  if (Object.keys(axes).length === 0) combinations = []
  const kept = combinations.filter(
    (each) => !list(exclude).some((pattern) => agrees(each, pattern, Object.keys(pattern))),
  )
  return withIncludes(kept, list(include), Object.keys(axes))
}

function withIncludes(kept: Combination[], includes: Combination[], axes: string[]): Combination[] {
  const result = kept.map((each) => ({ ...each }))
  const added: Combination[] = []
  for (const extra of includes) {
    const shared = axes.filter((name) => name in extra)
    const matching = kept.flatMap((each, index) => (agrees(each, extra, shared) ? [index] : []))
    if (matching.length === 0) added.push(extra)
    for (const index of matching) Object.assign(result[index] ?? {}, extra)
  }
  return [...result, ...added]
}

function agrees(combination: Combination, pattern: Combination, names: string[]): boolean {
  return names.every((name) => JSON.stringify(combination[name]) === JSON.stringify(pattern[name]))
}

function list(value: unknown): Combination[] {
  return Array.isArray(value) ? value.map(shape) : []
}
