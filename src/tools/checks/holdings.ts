import type { HeldName, NamedHoldings } from '../../core/environment-names.ts'
import type { Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'

/** What an environment holds: of gonogo's own variables, and of the platform's where one gives them. */
export async function holdingsOf(call: Call, environment: Environment): Promise<NamedHoldings> {
  const [values, platform] = await Promise.all([
    call.variables.of(environment),
    call.pipeline?.variables?.(environment) ?? { held: [], unseen: [] },
  ])
  // A name that is passed on may have no value in this process.
  const names = new Set([...Object.keys(values), ...environment.pass_env])
  const local = [...names].map((name): HeldName => ({
    name,
    kind: 'local',
    own: true,
    value: values[name] ?? null,
  }))
  return {
    environment: environment.name,
    rules: environment.variables,
    held: [...platform.held, ...local],
    unseen: platform.unseen,
  }
}
