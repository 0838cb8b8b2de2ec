import { Failure } from '../../core/failure.ts'
import type { Environment, LocalTarget } from '../../core/project.ts'

/** Where an environment lives on this machine. */
export function targetOf(environment: Environment): LocalTarget {
  if (environment.local) return environment.local
  throw new Failure({
    code: 'invalid_configuration',
    message: `environments.${environment.name}.local is missing: the local pipeline does not know its directory`,
    hint: `add environments.${environment.name}.local.directory to gonogo.yaml`,
  })
}
