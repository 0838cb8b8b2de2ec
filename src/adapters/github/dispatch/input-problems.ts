import { oneLine } from '../../../core/text.ts'
import type { DeclaredInput } from '../workflow/model.ts'

/** Why GitHub would refuse a dispatch, or the workflow would misread it. */
export interface InputProblem {
  /** Null when it is about all of them. */
  input: string | null
  message: string
}

interface Inputs {
  declared: ReadonlyMap<string, DeclaredInput>
  configured: Readonly<Record<string, string>>
  inputs: Readonly<Record<string, string>>
  mostInputs: number
}

/** GitHub's limit for all inputs together, in characters. */
const mostCharacters = 65_535

/** Checked before anything is sent: names, types, choices, what is required, and GitHub's limits. */
export function inputProblems({
  declared,
  configured,
  inputs,
  mostInputs,
}: Inputs): InputProblem[] {
  return [
    ...Object.keys(configured)
      .filter((name) => !declared.has(name))
      .map(undeclared),
    ...[...declared.values()].flatMap((input) => valueProblems(input, inputs[input.name])),
    ...limitProblems(inputs, mostInputs),
  ]
}

function undeclared(input: string): InputProblem {
  return { input, message: `input ${input} is configured, and the workflow does not declare it` }
}

function valueProblems(input: DeclaredInput, value: string | undefined): InputProblem[] {
  const { name, required } = input
  if (value === undefined || value === '') {
    // A default stands in, even an empty one: whether GitHub minds that is not said anywhere.
    return required && input.default === null
      ? [{ input: name, message: `input ${name} is required and gets no value` }]
      : []
  }
  const wanted = wantedValue(input, value)
  if (wanted === null) return []
  const shown = JSON.stringify(oneLine(value, 60))
  return [{ input: name, message: `input ${name} would get ${shown}, and takes ${wanted}` }]
}

/** What the input takes instead; null when the value fits. */
function wantedValue({ type, options }: DeclaredInput, value: string): string | null {
  switch (type) {
    case 'choice':
      return options.includes(value)
        ? null
        : `only ${options.map((one) => oneLine(one, 40)).join(', ')}`
    case 'boolean':
      return value === 'true' || value === 'false' ? null : 'only true or false'
    case 'number':
      return /^-?\d+(?:\.\d+)?$/.test(value) ? null : 'only a number'
    case 'string':
    case 'environment':
      return null
  }
}

function limitProblems(inputs: Readonly<Record<string, string>>, most: number): InputProblem[] {
  const count = Object.keys(inputs).length
  const size = JSON.stringify(inputs).length
  return [
    ...(count > most
      ? [{ input: null, message: `${count} inputs would be sent, and this GitHub takes ${most}` }]
      : []),
    ...(size > mostCharacters
      ? [
          {
            input: null,
            message: `the inputs have ${size} characters, and GitHub takes ${mostCharacters}`,
          },
        ]
      : []),
  ]
}
