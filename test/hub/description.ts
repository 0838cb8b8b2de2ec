import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

type Schema = Record<string, unknown>

interface DescribedOperation {
  parameters: { name: string; in: string; required: boolean; schema: Schema }[]
  body: Schema | null
  body_required: boolean
  responses: Record<string, Schema | null>
}

interface Part {
  operations: Record<string, DescribedOperation | null>
  schemas: Record<string, Schema | null>
}

/** What GitHub says of itself, for one version of its API: each check gives what does not fit. */
export interface Description {
  has(operation: string): boolean
  checkRequest(operation: string, request: CheckedRequest): string[]
  checkAnswer(operation: string, status: number, body: unknown): string[]
}

export interface CheckedRequest {
  params: Readonly<Record<string, string>>
  query: URLSearchParams
  /** `undefined` without one. */
  body: unknown
}

export type Edition = '2022-11-28' | '2026-03-10' | 'ghes-3.19'

const file = new URL('description/github.json', import.meta.url)

/** By edition, for every stand-in of this process: what was compiled once never changes. */
const editions = new Map<Edition, Description>()

export function describe(edition: Edition): Description {
  const found = editions.get(edition) ?? read(edition)
  editions.set(edition, found)
  return found
}

/** Validators are made when they are first needed: all of them would cost a test half a second. */
function read(edition: Edition): Description {
  const parts = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Part>
  const base = parts['2022-11-28']
  const over = edition === '2022-11-28' ? undefined : parts[edition]
  const operations = { ...base?.operations, ...over?.operations }
  const schemas = { ...base?.schemas, ...over?.schemas }
  const strict = validators({ schemas })
  // What comes in an address is text: `5` is a number there.
  const lenient = validators({ schemas }, true)
  const described = (name: string) => operations[name] ?? undefined
  return {
    has: (name) => described(name) !== undefined,
    checkRequest(name, request) {
      const operation = described(name)
      if (operation === undefined) return ["is not in GitHub's description"]
      return [
        ...checkParameters(operation, name, request, lenient),
        ...checkBody(operation, name, request.body, strict),
      ]
    },
    checkAnswer(name, status, body) {
      const responses = described(name)?.responses ?? {}
      const schema = responses[String(status)]
      if (schema === undefined && status < 400)
        return [`answers ${status}, which GitHub never does`]
      // GitHub does not write down every way to fail, nor always what its body is.
      const expected = schema ?? (status < 400 ? null : { $ref: '#/schemas/basic-error' })
      if (expected === null)
        return body === undefined ? [] : ['answers with a body, GitHub without']
      return strict(`${name} ${status}`, expected, body)
    },
  }
}

function checkParameters(
  operation: DescribedOperation,
  name: string,
  { params, query }: CheckedRequest,
  validate: Validate,
): string[] {
  const problems: string[] = []
  for (const parameter of operation.parameters) {
    const text =
      parameter.in === 'path' ? params[parameter.name] : (query.get(parameter.name) ?? undefined)
    const value = isRange(parameter.schema) ? text?.replace(/^[<>]=?/, '') : text
    if (value === undefined) {
      if (parameter.required) problems.push(`lacks the parameter ${parameter.name}`)
      continue
    }
    const key = `${name} parameter ${parameter.name}`
    // Wrapped, since a value by itself cannot be turned into a number in place. `oneOf` would find a
    // number that is text fitting both.
    const { oneOf, ...rest } = parameter.schema
    const fits = oneOf === undefined ? rest : { ...rest, anyOf: oneOf }
    const schema = { type: 'object', properties: { [parameter.name]: fits } }
    problems.push(...validate(key, schema, { [parameter.name]: value }))
  }
  const known = new Set(operation.parameters.map((parameter) => parameter.name))
  for (const key of query.keys())
    if (!known.has(key)) problems.push(`has the unknown parameter ${key}`)
  return problems
}

/** GitHub calls it a time, and takes what its search takes: `>=` and the like before it. */
function isRange({ format }: Schema): boolean {
  return format === 'date-time'
}

function checkBody(
  operation: DescribedOperation,
  name: string,
  body: unknown,
  validate: Validate,
): string[] {
  if (operation.body === null) return body === undefined ? [] : ['takes no body, and has one']
  if (body === undefined) return operation.body_required ? ['lacks its body'] : []
  return validate(`${name} body`, operation.body, body)
}

type Validate = (key: string, schema: Schema, value: unknown) => string[]

function validators(shared: { schemas: Record<string, Schema | null> }, coerce = false): Validate {
  const ajv = new Ajv({
    strict: false,
    // Quick to make instead of quick to run: most validators see a handful of answers.
    inlineRefs: false,
    code: { optimize: false },
    coerceTypes: coerce,
    validateSchema: false,
    allErrors: false,
    formats: {
      'date-time': (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text),
      uri: (text: string) => URL.canParse(text),
      // Of numbers and of text nobody can check.
      ...Object.fromEntries(
        ['int64', 'int32', 'double', 'float', 'binary', 'repo.nwo', 'email', 'uri-template'].map(
          (format) => [format, true],
        ),
      ),
    },
  })
  ajv.addSchema(shared, 'github')
  const made = new Map<string, ValidateFunction>()
  return (key, schema, value) => {
    const validate = made.get(key) ?? ajv.compile(absolute(schema))
    made.set(key, validate)
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message }) =>
        `${instancePath === '' ? 'it' : instancePath} ${message ?? ''}`,
    )
  }
}

/** References inside an operation point into the shared schemas. */
function absolute(schema: Schema): Schema {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"github#/')
  return JSON.parse(text) as Schema
}
