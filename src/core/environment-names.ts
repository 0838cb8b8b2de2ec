import type { VariableRule } from './project.ts'

/** What a platform or this machine holds for an environment, as far as it could be seen. */
export interface Holdings {
  /** The narrowest place first: of a name and kind, the first one counts. */
  held: HeldName[]
  /** What could not be seen; empty when everything was. */
  unseen: UnseenNames[]
}

export interface HeldName {
  name: string
  kind: NameKind
  /** Whether only this environment has it. */
  own: boolean
  /** Null when nobody can read it: a secret of a platform, or a name that has no value here. */
  value: string | null
}

/** `local`: of gonogo's own `env`, `env_file` and `pass_env`. */
export type NameKind = 'secret' | 'variable' | 'local'

export interface UnseenNames {
  kind: NameKind
  /** Why, with what is missing. */
  problem: string
}

/** GitHub's names do not differ by case; those of programs do. */
export function isCalled({ name, kind }: HeldName, wanted: string): boolean {
  return kind === 'local' ? name === wanted : name.toUpperCase() === wanted.toUpperCase()
}

/** An environment, what it holds and what is said of its names. */
export interface NamedHoldings extends Holdings {
  environment: string
  rules: Readonly<Record<string, VariableRule>>
}

export interface NameDrift {
  name: string
  kind: NameKind
  in: string
  not_in: string
}

/** Names of one environment that the other one lacks, both ways. What need not be there is not missing. */
export function driftBetween(one: NamedHoldings, other: NamedHoldings): NameDrift[] {
  return [...lackedBy(other, one), ...lackedBy(one, other)]
}

function lackedBy(lacking: NamedHoldings, having: NamedHoldings): NameDrift[] {
  const names = having.held.filter(({ own }) => own)
  return names.flatMap(({ name, kind }) => {
    const rule = Object.entries(lacking.rules).find(([ruled]) =>
      isCalled({ name, kind, own: true, value: null }, ruled),
    )
    const isThere = lacking.held.some((one) => one.kind === kind && isCalled(one, name))
    // What was not seen may hold it.
    const isUnknown = lacking.unseen.some((unseen) => unseen.kind === kind)
    if (isThere || isUnknown || rule?.[1].required === false) return []
    return [{ name, kind, in: having.environment, not_in: lacking.environment }]
  })
}
