import { canonicalJson } from './canonical.ts'
import type { CustomCheck } from './custom-check.ts'
import { windowsFor, type FreezeWindow } from './freeze.ts'
import {
  findEnvironment,
  predecessorOf,
  productionOf,
  type Environment,
  type Project,
} from './project.ts'
import { strictest, type Lowered } from './strictest.ts'

/** What the configuration file says where nobody changes it alone: on the branch releases come from. */
export interface BasePolicy {
  branch: string
  /** The commit it was read from. */
  sha: string
  /** Null when the file there is no usable configuration; `problem` says why. */
  project: Project | null
  /** It as a policy, canonical JSON: what can be compared with the effective one; null like `project`. */
  policy: string | null
  problem: string | null
}

/** A file as that branch has it. */
export interface BaseFile {
  branch: string
  sha: string
  text: string
}

/** The policy that holds, and what was to be lowered. */
export interface HoldingPolicy {
  project: Project
  environment: Environment
  /** One line each: what is said here, what the branch says, and which of the two counts. */
  lowered: string[]
  /** What the branch demands and this configuration cannot satisfy: nothing may go on. */
  unmet: string[]
}

interface Sides {
  branch: string
  /** Whether the environment is the last one here. */
  isProduction: boolean
  ours: { project: Project; environment: Environment }
  base: { project: Project; environment: Environment }
}

/** Of two policies the stricter one, value by value. What only the branch has is never run: it is told. */
export function holdingPolicy(
  ours: Project,
  environment: Environment,
  { branch, project: base }: { branch: string; project: Project },
): HoldingPolicy {
  const isProduction = productionOf(ours)?.name === environment.name
  const counterpart =
    findEnvironment(base, environment.name) ?? (isProduction ? productionOf(base) : undefined)
  if (!counterpart) {
    const text = `environments.${environment.name} is not on ${branch}: what is said here counts`
    return { project: ours, environment, lowered: [text], unmet: [] }
  }
  const sides: Sides = {
    branch,
    isProduction,
    ours: { project: ours, environment },
    base: { project: base, environment: counterpart },
  }
  const strict = strictest(ours, environment, sides.base)
  const { freeze, lowered: thawed } = frozen(sides)
  const checks = customChecks(sides)
  const others = replaced(sides)
  return {
    project: { ...strict.project, freeze, custom_checks: checks.custom_checks },
    environment: strict.environment,
    lowered: [
      ...strict.lowered.map((one) => loweredText(one, branch)),
      ...thawed,
      ...checks.lowered,
      ...others.lowered,
    ],
    unmet: [...order(sides), ...checks.unmet, ...others.unmet],
  }
}

function loweredText({ path, here, there }: Lowered, branch: string): string {
  return `${path} is ${here} here and ${there} on ${branch}: ${there} counts`
}

/** Being last is what asks for proof in the environment before, so nobody takes that place away alone. */
function order({ branch, isProduction, ours, base }: Sides): string[] {
  const { name } = base.environment
  const proof = predecessorOf(base.project, name)
  if (!proof || productionOf(base.project)?.name !== name) return []
  const own = predecessorOf(ours.project, ours.environment.name)
  if (isProduction && own?.name === proof.name) return []
  return [differs('environments', branch, `${proof.name} proves releases for ${name} there`)]
}

/** Windows are data, so those of the branch simply hold, too. */
function frozen({ branch, isProduction, ours, base }: Sides) {
  const { name } = ours.environment
  const wasProduction = productionOf(base.project)?.name === base.environment.name
  const known = windowsFor(ours.project.freeze, name, isProduction).flatMap(openingsOf)
  const missing = windowsFor(base.project.freeze, base.environment.name, wasProduction).filter(
    (window) => !openingsOf(window).every((opening) => known.includes(opening)),
  )
  const added = missing.map((window) => ({ ...window, environments: [name] }))
  return {
    freeze: [...ours.project.freeze, ...added],
    lowered: missing.map((window) => `freeze ${window.name} is only on ${branch}: it counts`),
  }
}

/** When it is open, whatever it is called and wherever else it holds: of holidays each day by itself. */
function openingsOf(window: FreezeWindow): string[] {
  const { name: _name, environments: _environments, ...opening } = window
  if (window.kind !== 'holidays') return [canonicalJson(opening)]
  const { time_zone } = window
  return window.holidays.map(({ from, to }) => canonicalJson({ time_zone, from, to }))
}

type Split = Pick<HoldingPolicy, 'lowered' | 'unmet'>

/** A program is never taken from the branch: only what is configured here is run. */
function customChecks(sides: Sides): Split & { custom_checks: CustomCheck[] } {
  const { branch, ours, base } = sides
  const own = ours.project.custom_checks.map((check) => ({ ...check }))
  const [lowered, unmet]: [string[], string[]] = [[], []]
  for (const wanted of base.project.custom_checks) {
    const { name, requirement } = wanted
    if (requirement === 'off' || !holdsFor(wanted, base.environment.name)) continue
    const found = own.find((check) => check.name === name)
    const path = `custom_checks.${name}`
    const told = requirement === 'required' ? unmet : lowered
    if (!found || !holdsFor(found, ours.environment.name)) {
      const fix = `restore it, or merge its removal into ${branch} first`
      told.push(`${path} is ${requirement} on ${branch} and missing here: ${fix}`)
      continue
    }
    if (found.url !== wanted.url || canonicalJson(found.run) !== canonicalJson(wanted.run)) {
      told.push(differs(path, branch, `${requirement} there`))
    }
    if (found.requirement === 'off' || (found.requirement === 'advisory' && told === unmet)) {
      lowered.push(loweredText({ path, here: found.requirement, there: requirement }, branch))
      found.requirement = requirement
    }
  }
  return { custom_checks: own, lowered, unmet }
}

function holdsFor({ environments }: CustomCheck, name: string): boolean {
  return environments.length === 0 || environments.includes(name)
}

function differs(path: string, branch: string, why: string): string {
  return `${path} is not what it is on ${branch} (${why}): use what ${branch} says, or merge the change first`
}

/** What a check rests on. Where the branch requires the check, nothing else can satisfy it. */
function replaced({ branch, ours, base }: Sides): Split {
  const { checks, verify } = base.environment
  const parts = [
    part('default_branch', checks.git_ref_valid, 'git_ref_valid', (project) => [
      project.default_branch ?? branch,
    ]),
    part('tests', checks.tests_passed, 'tests_passed', ({ tests, github }) => [
      ...tests,
      ...(github?.tests.suites ?? []),
      // With commands of its own, a project is not judged by what the platform recorded.
      tests.length > 0,
    ]),
    part('security.npm_registry', checks.security_scan, 'security_scan', ({ security }) => [
      security.npm_registry,
    ]),
    part('images', checks.docker_images, 'docker_images', ({ images }) => images),
    part('migrations', checks.migrations_safe, 'migrations_safe', (project) => [
      project.migrations,
    ]),
    part('variables', checks.environment_config, 'environment_config', (_, environment) =>
      Object.entries(environment.variables),
    ),
    part(
      'approvals.signers_in_repository',
      base.project.approvals.signers_in_repository === null ? 'off' : 'required',
      'that list of approvers',
      ({ approvals }) => [approvals.signers_in_repository],
    ),
    part('smoke', verify === 'off' ? 'off' : 'advisory', 'verify', ({ smoke }) => [smoke]),
  ]
  const split: Split = { lowered: [], unmet: [] }
  for (const { path, requirement, check, of } of parts) {
    const own = of(ours.project, ours.environment).map((entry) => canonicalJson(entry))
    const wanted = of(base.project, base.environment).map((entry) => canonicalJson(entry))
    if (requirement === 'off' || wanted.every((entry) => own.includes(entry))) continue
    const text = differs(path, branch, `${check} is ${requirement} there`)
    if (requirement === 'required') split.unmet.push(text)
    else split.lowered.push(text)
  }
  return split
}

type Part = (project: Project, environment: Environment) => readonly unknown[]

function part(path: string, requirement: CustomCheck['requirement'], check: string, of: Part) {
  return { path, requirement, check, of }
}
