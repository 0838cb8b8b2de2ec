import type { Environment } from '../../core/project.ts'
import { toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { fail, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { statOf } from '../places.ts'

/** What keeps environments apart from each other and from gonogo. */
export async function isolationFindings({ call }: Patient): Promise<Finding[]> {
  const { environments, pipeline } = call.project
  const files = await Promise.all(environments.map((environment) => envFile(call, environment)))
  const none = pipeline === 'local' ? [withoutIsolation(call.runtime.userName())] : []
  return [...none, ...files.flat(), ...(await shared(call))]
}

function withoutIsolation(user: string): Finding {
  const message = `isolation: none: releases run as ${user}, who can read and change gonogo's own state and every environment`
  return warn('isolation', message, 'deploy only what you would run yourself: docs/pipelines.md')
}

async function envFile(call: Call, environment: Environment): Promise<Finding[]> {
  const { env_file, name } = environment
  if (env_file === null) return []
  try {
    await call.variables.of(environment)
  } catch (error) {
    const { message } = toFailure(error)
    return [fail('env_file', oneLine(message, 300), `ls -l ${env_file}`)]
  }
  const mode = (await statOf(env_file))?.mode ?? 0
  if ((mode & 0o077) === 0) return [ok('env_file', `${env_file} of ${name} is this user's alone`)]
  const shown = (mode & 0o777).toString(8)
  const message = `${env_file} of ${name} holds secrets and others have rights to it (mode ${shown})`
  return [warn('env_file', message, `chmod 600 ${env_file}`)]
}

/** Names whose value says where state is or how to get at it. */
const telling =
  /(?:^|_)(?:URL|URI|DSN|DATA|DIR|DATABASE|DB|HOST|BUCKET|SECRET|TOKEN|PASSWORD|KEY)(?:_|$)/i

/** Two environments with one database, or one secret, are not two. Values are compared, never shown. */
async function shared(call: Call): Promise<Finding[]> {
  const seen = new Map<string, string>()
  const findings: Finding[] = []
  for (const environment of call.project.environments) {
    const variables = await call.variables.of(environment).catch(() => environment.env)
    for (const [name, value] of Object.entries(variables)) {
      if (!telling.test(name) || value.length < 3) continue
      const other = seen.get(`${name}\n${value}`)
      if (other !== undefined) findings.push(sharedFinding(name, other, environment.name))
      seen.set(`${name}\n${value}`, environment.name)
    }
  }
  return findings
}

function sharedFinding(variable: string, one: string, other: string): Finding {
  const message = `${one} and ${other} have the same ${variable}: what one does, the other suffers`
  return warn('shared_state', message, `give ${other} a value of its own in its env_file`)
}
