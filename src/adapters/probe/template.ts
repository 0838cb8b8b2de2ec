/** What a placeholder can stand for. */
export type Scalar = string | number | boolean

/** Values by placeholder name: captures by their own name, variables as `env.NAME`. */
export type Values = ReadonlyMap<string, Scalar>

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The names of all placeholders in a value, however deep. */
export function placeholdersIn(value: unknown): string[] {
  if (typeof value === 'string') {
    return [...value.matchAll(placeholder)].map((match) => match[1] ?? '')
  }
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(placeholdersIn)
}

/** The text with its placeholders replaced. */
export function fillText(
  text: string,
  values: Values,
  encode: (value: string) => string = String,
): string {
  return text.replace(placeholder, (_, name: string) => encode(String(values.get(name) ?? '')))
}

/** A copy with all texts filled; a text that is nothing but one placeholder keeps the value's type. */
export function fillDeep(value: unknown, values: Values): unknown {
  if (typeof value === 'string') {
    const whole = /^\{\{\s*([^{}]*?)\s*\}\}$/.exec(value)
    return whole ? values.get(whole[1] ?? '') : fillText(value, values)
  }
  if (Array.isArray(value)) return value.map((item: unknown) => fillDeep(item, values))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, fillDeep(member, values)]),
  )
}
