import { Failure } from '../../core/failure.ts'
import {
  findEnvironment,
  productionOf,
  stagingOf,
  type Environment,
  type Project,
} from '../../core/project.ts'
import { nearest, oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { Pipeline } from '../../ports/pipeline.ts'

/** The environment of a name, or a failure that lists the known ones. */
export function environmentNamed(project: Project, name: string): Environment {
  const found = findEnvironment(project, name)
  if (found) return found
  const known = project.environments.map((environment) => environment.name)
  const guess = nearest(name, known)
  throw new Failure({
    code: 'unknown_environment',
    message: `environment "${oneLine(name, 64)}" is not configured${guess ? `, did you mean ${guess}?` : ''}`,
    hint: `use one of ${known.join(', ')}, or add it to gonogo.yaml`,
    details: { field: 'environment', known },
  })
}

/** Where promotions go. */
export function production(project: Project): Environment {
  const found = productionOf(project)
  if (found) return found
  throw new Failure({
    code: 'invalid_configuration',
    message: 'no environment is configured',
    hint: 'run gonogo init, or set STAGING_URL and PRODUCTION_URL',
  })
}

/** Where `deploy_to_staging` goes: the environment before production. */
export function staging(project: Project): Environment {
  const found = stagingOf(project)
  if (found) return found
  throw new Failure({
    code: 'unknown_environment',
    message: 'there is no environment before production, so there is nothing to stage in',
    hint: 'add a staging environment before production in gonogo.yaml',
  })
}

/** The pipeline, or the failure that every write answers without one. */
export function pipelineOf(call: Pick<Call, 'pipeline' | 'project'>): Pipeline {
  if (call.pipeline) return call.pipeline
  throw new Failure({
    code: 'no_pipeline_configured',
    message: 'no pipeline is configured, so nothing can be deployed',
    hint:
      call.project.config_file === null
        ? 'run gonogo init to write a gonogo.yaml, or set GITHUB_TOKEN and GITHUB_REPOSITORY'
        : `add "pipeline: github" or "pipeline: local" to ${call.project.config_file} (docs/pipelines.md)`,
  })
}
