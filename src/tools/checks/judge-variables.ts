import {
  isCalled,
  type HeldName,
  type NamedHoldings,
  type NameKind,
} from '../../core/environment-names.ts'
import type { VariableRule } from '../../core/project.ts'
import { isWellKnown, looksSecret, valueProblem } from './variable-value.ts'

/** What one rule comes to. `unknown`: it could not be looked at, so that it is neither. */
export interface VariableFinding {
  name: string
  verdict: 'wrong' | 'unknown' | 'doubtful'
  /** Where it is put right. */
  place: 'platform' | 'local'
  /** Begins with the name; of what is unknown it is the reason. The value is never part of it. */
  message: string
}

/** Where the names of an environment have to be. */
export interface VariablePlace {
  /** Whether a platform gives the deployment its variables, and not gonogo. */
  onPlatform: boolean
  isProduction: boolean
}

/** Holds every rule of an environment against what it holds. */
export function judgeVariables(holdings: NamedHoldings, place: VariablePlace): VariableFinding[] {
  return Object.entries(holdings.rules).flatMap(([name, rule]) => {
    const named = holdings.held.filter((one) => isCalled(one, name))
    const kinds = kindsFor(rule, place)
    const found = kinds.flatMap((kind) => firstWithValue(named, kind) ?? [])
    const absent = found.length === 0 ? absence(name, rule, { named, kinds, holdings, place }) : []
    return [...absent, ...aboutValues(name, rule, named, place), ...openSecret(name, rule, found)]
  })
}

/** Secrets that are there, and of which nothing else can be known. */
export function uncheckedSecrets({ held, rules }: NamedHoldings): string[] {
  return Object.keys(rules).filter((name) =>
    held.some((one) => one.kind === 'secret' && isCalled(one, name)),
  )
}

function kindsFor(rule: VariableRule, { onPlatform }: VariablePlace): NameKind[] {
  if (rule.in !== 'any') return [rule.in]
  return onPlatform ? ['secret', 'variable'] : ['local']
}

/** The narrowest place wins; a variable without a value is as good as none. */
function firstWithValue(named: readonly HeldName[], kind: NameKind): HeldName | null {
  const first = named.find((one) => one.kind === kind)
  if (first === undefined) return null
  if (kind === 'secret') return first
  return first.value === null || first.value === '' ? null : first
}

interface Search {
  named: readonly HeldName[]
  kinds: readonly NameKind[]
  holdings: NamedHoldings
  place: VariablePlace
}

function absence(name: string, rule: VariableRule, search: Search): VariableFinding[] {
  if (!rule.required) return []
  const { named, kinds, holdings, place } = search
  const unseen = holdings.unseen.filter(({ kind }) => kinds.includes(kind))
  if (unseen.length > 0) {
    const why = [...new Set(unseen.map(({ problem }) => problem))].join('; ')
    return [{ name, verdict: 'unknown', place: 'platform', message: why }]
  }
  const elsewhere = named.find(({ kind }) => !kinds.includes(kind))
  const message = missing(name, rule, elsewhere, place)
  const isLocal = kinds.includes('local')
  return [{ name, verdict: 'wrong', place: isLocal ? 'local' : 'platform', message }]
}

const wordFor = { secret: 'a secret', variable: 'a variable', local: "in gonogo's own variables" }

function missing(
  name: string,
  rule: VariableRule,
  elsewhere: HeldName | undefined,
  { onPlatform }: VariablePlace,
): string {
  const isThere = onPlatform && rule.in !== 'local' ? ' on GitHub' : ''
  if (elsewhere === undefined) return `${name} is not set${isThere}`
  const wanted = rule.in === 'any' ? 'on GitHub' : wordFor[rule.in]
  return `${name} is ${wordFor[elsewhere.kind]} and must be ${wanted}`
}

/** Every value that can be read and would be used, wherever it is. */
function aboutValues(
  name: string,
  rule: VariableRule,
  named: readonly HeldName[],
  { isProduction }: VariablePlace,
): VariableFinding[] {
  const kinds: NameKind[] = ['variable', 'local']
  return kinds.flatMap((kind): VariableFinding[] => {
    const value = firstWithValue(named, kind)?.value
    if (value === null || value === undefined) return []
    const problem = valueProblem(rule, value, isProduction)
    const place = kind === 'local' ? 'local' : 'platform'
    if (problem !== null) return [{ name, verdict: 'wrong', place, message: `${name} ${problem}` }]
    if (!isWellKnown(name, value)) return []
    const message = `${name} has a value that everybody knows: make a new one`
    return [{ name, verdict: 'doubtful', place, message }]
  })
}

/** Whoever may read the repository reads its variables. */
function openSecret(
  name: string,
  rule: VariableRule,
  found: readonly HeldName[],
): VariableFinding[] {
  const isOpen = found.some(({ kind }) => kind === 'variable') && looksSecret(name)
  if (!isOpen || rule.in === 'variable') return []
  const message = `${name} looks like a secret and is a variable, which can be read: make it a secret, or say in: variable`
  return [{ name, verdict: 'doubtful', place: 'platform', message }]
}
