import type { Environment } from '../../core/project.ts'
import { capturesOf, placeholdersIn, type SmokeStep, type SmokeSuites } from '../../core/smoke.ts'
import { note, fail, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

/** Smoke tests that are missing, that nothing runs, or that cannot run. */
export async function smokeFindings({ call }: Patient): Promise<Finding[]> {
  const { smoke, environments } = call.project
  if (smoke.basic.length + smoke.full.length === 0) return [noSuite(environments)]
  const steps = [...smoke.setup, ...smoke.basic, ...smoke.full, ...smoke.teardown]
  const variables = environments.map(async (environment) => {
    // Unreadable variables are a finding of their own.
    const values = await call.variables.of(environment).catch(() => null)
    return values === null || environment.url === null ? [] : unset(environment, steps, values)
  })
  const unused = [
    ...environments.flatMap((each) => undecided(each, smoke)),
    ...fullUnused(call.project),
  ]
  const told = `${smoke.basic.length} basic, ${smoke.full.length} full`
  return [
    ...(unused.length === 0
      ? [ok('smoke_suite', `${told}; each decides about deployments`)]
      : unused),
    ...uncaptured(steps),
    ...signingIn(steps),
    ...(await Promise.all(variables)).flat(),
  ]
}

function noSuite(environments: readonly Environment[]): Finding {
  const last = environments.at(-1)?.name ?? 'production'
  const message = `no smoke tests are configured: nothing tests ${last}, and no promotion is proven`
  return warn('smoke_suite', message, 'add smoke.basic to gonogo.yaml (docs/config.md)')
}

/** A suite with steps that no deployment of this environment runs. */
function undecided({ name, url, verify }: Environment, { basic, full }: SmokeSuites): Finding[] {
  if (url === null) {
    const message = `${name} has no url, so the ${basic.length + full.length} smoke test(s) never run there`
    return [warn('smoke_unused', message, `add environments.${name}.url to gonogo.yaml`)]
  }
  if (verify === 'off') {
    const message = `${name}: verify is off, so no smoke test decides whether a deployment succeeded`
    return [warn('smoke_unused', message, `set environments.${name}.verify: basic in gonogo.yaml`)]
  }
  if (verify === 'basic' && basic.length === 0) {
    const message = `${name}: verify is basic, which has no steps: nothing is tested`
    return [warn('smoke_unused', message, `set environments.${name}.verify: full in gonogo.yaml`)]
  }
  return []
}

function fullUnused({ smoke, environments }: Patient['call']['project']): Finding[] {
  if (smoke.full.length === 0 || environments.some(({ verify }) => verify === 'full')) return []
  const name = environments.at(-1)?.name ?? 'production'
  const message = `the ${smoke.full.length} test(s) of smoke.full run only by hand: no environment has verify: full`
  return [note('smoke_unused', message, `gonogo smoke ${name} --test-suite full`)]
}

function uncaptured(steps: readonly SmokeStep[]): Finding[] {
  return steps.flatMap((step, index) => {
    const later = new Set(steps.slice(index + 1).flatMap(placeholders))
    return capturesOf(step)
      .filter((name) => !later.has(name))
      .map((name) => {
        const message = `smoke test ${step.name} captures ${name}, which no later test inserts`
        return note('smoke_capture', message, `insert {{${name}}} or remove it from gonogo.yaml`)
      })
  })
}

/** What the user of a password may do cannot be seen from here, so that it is few things is only advice. */
function signingIn(steps: readonly SmokeStep[]): Finding[] {
  const sent = steps.flatMap((step) =>
    step.kind === 'http' ? placeholdersIn([step.headers, step.body]) : placeholders(step),
  )
  const variables = [...new Set(sent)].filter((name) => name.startsWith('env.'))
  if (variables.length === 0) return []
  const names = variables.map((name) => name.slice('env.'.length)).join(', ')
  const message = `smoke tests sign in with ${names}: gonogo does not look at what that user may do`
  return [note('smoke_user', message, 'give smoke tests users of their own that may only read')]
}

function unset(
  { name }: Environment,
  steps: readonly SmokeStep[],
  values: Readonly<Record<string, string>>,
): Finding[] {
  const wanted = new Set(steps.flatMap(placeholders).filter((text) => text.startsWith('env.')))
  return [...wanted]
    .map((text) => text.slice('env.'.length))
    .filter((variable) => !values[variable])
    .map((variable) => {
      const message = `${name}: a smoke test inserts {{env.${variable}}}, which no variable provides`
      return fail('smoke_variable', message, `set ${variable} in env_file or pass_env of ${name}`)
    })
}

function placeholders({ name: _name, ...step }: SmokeStep): string[] {
  return placeholdersIn(step)
}
