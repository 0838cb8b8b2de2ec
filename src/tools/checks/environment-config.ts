import { couldNotRun, failed, passed, skipped } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import type { VariableRule } from '../../core/project.ts'
import type { CheckRunner } from './check-runner.ts'

/** The variables the environment's steps will get: present and of the right shape, values never shown. */
export const environmentConfig: CheckRunner = {
  name: 'environment_config',
  foresee({ environment: { name, variables } }) {
    const count = Object.keys(variables).length
    return { runs: count > 0, text: `check ${count} variable(s) of ${name}` }
  },
  async run({ environment }, call) {
    const rules = Object.entries(environment.variables)
    if (rules.length === 0) {
      return skipped('environment_config', `no variables are declared for ${environment.name}`)
    }
    try {
      const values = await call.variables.of(environment)
      const problems = rules.flatMap(([name, rule]) => problemOf(name, rule, values[name]) ?? [])
      const details = { checked: rules.map(([name]) => name), problems }
      if (problems.length > 0) return failed('environment_config', problems.join('; '), details)
      return passed(
        'environment_config',
        `${rules.length} variable(s) have the right shape`,
        details,
      )
    } catch (error) {
      const requirement = environment.checks.environment_config
      return couldNotRun('environment_config', requirement, toFailure(error).message)
    }
  },
}

function problemOf(name: string, rule: VariableRule, value: string | undefined): string | null {
  if (value === undefined || value === '') return rule.required ? `${name} is not set` : null
  if (value.length < rule.min_length) return `${name} is shorter than ${rule.min_length} characters`
  if (rule.format === 'integer' && !/^-?\d+$/.test(value)) return `${name} is not a whole number`
  if (rule.format === 'url' && !URL.canParse(value)) return `${name} is not a URL`
  if (rule.forbidden.includes(value)) return `${name} still has a default value`
  return null
}
