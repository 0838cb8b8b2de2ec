import {
  couldNotRun,
  failed,
  passed,
  skipped,
  warned,
  type Check,
  type Requirement,
} from '../../core/check.ts'
import { driftBetween, type NameDrift, type NamedHoldings } from '../../core/environment-names.ts'
import { Failure, toFailure } from '../../core/failure.ts'
import { productionOf, type Environment, type Project } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { unseenCheck } from '../support/unseen-check.ts'
import { byPolicy, type CheckRunner } from './check-runner.ts'
import { holdingsOf } from './holdings.ts'
import { judgeVariables, uncheckedSecrets, type VariableFinding } from './judge-variables.ts'

const name = 'environment_config'

/**
 * The variables that a deployment will get: there, of the right shape, and the same names as in the
 * environment beside it. Values are never shown.
 */
export const environmentConfig: CheckRunner = {
  name,
  requirement: byPolicy(name),
  foresee({ environment }, { pipeline, project }) {
    const count = Object.keys(environment.variables).length
    const other = beside(project, environment)
    const where = pipeline?.variables ? ` on GitHub` : ''
    const names = other ? `, and compare the names with those of ${other.name}` : ''
    const text = `check ${count} variable(s) of ${environment.name}${where}${names}`
    return { runs: count > 0 || other !== null, text }
  },
  async run({ environment }, call) {
    const requirement = environment.checks[name]
    try {
      return await look(environment, call, requirement)
    } catch (error) {
      return unseenCheck(name, requirement, error)
    }
  },
}

/** The environment its names are compared with: the one before, else the one after it. */
function beside({ environments }: Project, { name: own }: Environment): Environment | null {
  const index = environments.findIndex((one) => one.name === own)
  return environments[index - 1] ?? environments[index + 1] ?? null
}

async function look(
  environment: Environment,
  call: Call,
  requirement: Requirement,
): Promise<Check> {
  const other = beside(call.project, environment)
  const [holdings, others] = await Promise.all([
    holdingsOf(call, environment),
    other ? compared(call, other) : null,
  ])
  const findings = judgeVariables(holdings, {
    onPlatform: call.pipeline?.variables !== undefined,
    isProduction: productionOf(call.project)?.name === environment.name,
  })
  return verdict({ holdings, findings, comparison: compare(holdings, others), requirement })
}

/** Another environment that cannot be read is no reason not to look at this one. */
async function compared(call: Call, other: Environment): Promise<NamedHoldings | Failure> {
  return await holdingsOf(call, other).catch((error: unknown) => toFailure(error))
}

interface Comparison {
  drift: NameDrift[]
  /** Why not all names could be compared; null when they were. */
  problem: string | null
}

function compare(holdings: NamedHoldings, other: NamedHoldings | Failure | null): Comparison {
  if (other === null) return { drift: [], problem: null }
  if (other instanceof Failure) return { drift: [], problem: other.message }
  const [unseen] = [...holdings.unseen, ...other.unseen]
  return { drift: driftBetween(other, holdings), problem: unseen?.problem ?? null }
}

interface Looked {
  holdings: NamedHoldings
  findings: VariableFinding[]
  comparison: Comparison
  requirement: Requirement
}

function verdict({ holdings, findings, comparison, requirement }: Looked): Check {
  const { environment, rules } = holdings
  const names = Object.keys(rules)
  const of = (wanted: VariableFinding['verdict']) =>
    findings.filter(({ verdict: found }) => found === wanted)
  const [wrong, unknown, doubtful] = [of('wrong'), of('unknown'), of('doubtful')]
  const secrets = uncheckedSecrets(holdings)
  const details = {
    checked: names,
    problems: findings.map(({ message }) => message),
    values_not_checked: secrets,
    drift: comparison.drift,
    not_compared: comparison.problem,
  }
  if (wrong.length > 0) return failed(name, wrongText(wrong, environment), details)
  if (unknown.length > 0) {
    return { ...couldNotRun(name, requirement, unknownText(unknown)), details }
  }
  const doubts = doubtTexts(doubtful, comparison, names.length > 0)
  if (doubts.length > 0) return warned(name, doubts.join('; '), details)
  if (names.length === 0) {
    return skipped(name, `no variables are declared for ${environment}`, details)
  }
  return passed(name, passedText(names.length, secrets.length), details)
}

function wrongText(wrong: readonly VariableFinding[], environment: string): string {
  const places = new Set(wrong.map(({ place }) => place))
  const fixes = [
    ...(places.has('local')
      ? [`correct env, env_file or pass_env of environments.${environment}`]
      : []),
    ...(places.has('platform') ? ['correct them on GitHub: Settings, Environments'] : []),
  ]
  return `${wrong.map(({ message }) => message).join('; ')}: ${fixes.join(', or ')}`
}

function unknownText(unknown: readonly VariableFinding[]): string {
  const byReason = Map.groupBy(unknown, ({ message }) => message)
  const texts = [...byReason].map(
    ([reason, findings]) =>
      `whether ${listed(findings.map((finding) => finding.name))} is set cannot be seen: ${reason}`,
  )
  return texts.join('; ')
}

function doubtTexts(
  doubtful: readonly VariableFinding[],
  { drift, problem }: Comparison,
  hasRules: boolean,
): string[] {
  const byPlace = Map.groupBy(drift, (one) => one.in)
  const lists = [...byPlace].map(([place, found]) => {
    const named = found.map(({ kind, name: own }) => (kind === 'local' ? own : `${kind} ${own}`))
    return `only ${place} has ${listed(named.toSorted())}`
  })
  const fix = 'set them in both, or declare them with required: false where they are not needed'
  return [
    ...doubtful.map(({ message }) => message),
    ...(lists.length > 0 ? [`${lists.join('; ')}: ${fix}`] : []),
    ...(problem !== null && hasRules ? [`not all names could be compared: ${problem}`] : []),
  ]
}

const shownNames = 8

function listed(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).map((one) => oneLine(one, 60))
  const more = names.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function passedText(count: number, secrets: number): string {
  if (secrets === 0) return `${count} variable(s) have the right shape`
  return `${count} variable(s) are there; the values of ${secrets} secret(s) cannot be read, and were not checked`
}
