/** What a placeholder can stand for. */
export type Scalar = string | number | boolean

/** Values by placeholder name: captures by their own name, variables as `env.NAME`. */
export type Values = ReadonlyMap<string, Scalar>

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The text with its placeholders replaced. */
export function fillText(
  text: string,
  values: Values,
  encode: (value: string) => string = String,
): string {
  if (!text.includes('{{')) return text
  return text.replace(placeholder, (_, name: string) => encode(String(values.get(name) ?? '')))
}

/**
 * A statement and the values of its parameters: `$1` stands where a captured value is inserted, in
 * quotes or not. What a live system answered is data, and cannot become a part of the statement.
 */
export function fillStatement(
  text: string,
  values: Values,
): { statement: string; parameters: string[] } {
  const parameters: string[] = []
  const statement = text.replace(
    /'\{\{\s*([^{}']*?)\s*\}\}'|\{\{\s*([^{}]*?)\s*\}\}/g,
    (whole: string, quoted: string | undefined, plain: string | undefined) => {
      const name = quoted ?? plain ?? ''
      if (name.startsWith('env.')) return fillText(whole, values)
      return `$${parameters.push(String(values.get(name) ?? ''))}`
    },
  )
  return { statement, parameters }
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
