import { openGit } from '../git.ts'
import { HubError, notFound, ok, page } from '../operation.ts'
import type { HubAnswer, HubRequest, Operation } from '../operation.ts'
import { deploymentView, statusView } from './deployment-views.ts'
import { addDeployment, addStatus } from './deployments.ts'
import type { Engine } from './engine.ts'
import { environmentNamed } from './environments.ts'
import type { DeploymentState } from './state.ts'
import { plainText } from './workflow.ts'

const base = '/repos/{owner}/{repo}/deployments'

export function deploymentOperations(engine: Engine): Operation[] {
  return [
    read('', (request) => list(engine, request)),
    read('/{deployment_id}', ({ params }) => {
      return ok(deploymentView(engine, deploymentOf(engine, params['deployment_id'])))
    }),
    read('/{deployment_id}/statuses', (request) => {
      const deployment = deploymentOf(engine, request.params['deployment_id'])
      const newestFirst = deployment.statuses.toReversed()
      return page(
        request,
        newestFirst.map((status) => statusView(engine, deployment, status)),
      )
    }),
    read('/{deployment_id}/statuses/{status_id}', ({ params }) => {
      const deployment = deploymentOf(engine, params['deployment_id'])
      const status = deployment.statuses.find((each) => String(each.id) === params['status_id'])
      if (status === undefined) throw notFound()
      return ok(statusView(engine, deployment, status))
    }),
    write('', (request) => create(engine, request)),
    write('/{deployment_id}/statuses', (request) => report(engine, request)),
  ]
}

function read(path: string, handle: Operation['handle']): Operation {
  return { method: 'GET', path: base + path, permission: 'deployments=read', handle }
}

function write(path: string, handle: Operation['handle']): Operation {
  return { method: 'POST', path: base + path, permission: 'deployments=write', handle }
}

function deploymentOf(engine: Engine, id: string | undefined): DeploymentState {
  const found = engine.deployments.find((each) => String(each.id) === id)
  if (found === undefined) throw notFound()
  return found
}

function list(engine: Engine, request: HubRequest): HubAnswer {
  const names = ['sha', 'ref', 'task', 'environment'] as const
  const wanted = engine.deployments.filter((each) =>
    names.every((name) => [null, 'none', each[name]].includes(request.query.get(name))),
  )
  return page(
    request,
    wanted.toReversed().map((each) => deploymentView(engine, each)),
  )
}

async function create(engine: Engine, { body, caller }: HubRequest): Promise<HubAnswer> {
  const git = openGit(engine.core.git)
  const ref = String(body['ref'])
  const sha = await git.commit(ref)
  if (sha === null) throw new HubError(422, `No ref found for: ${ref}`)
  tooLong(body['description'])
  const main = await git.defaultBranch()
  if (body['auto_merge'] !== false && (await isBehind(engine, ref, main))) {
    return { status: 202, body: { message: `Auto-merged ${main} into ${ref} on deployment.` } }
  }
  checkContexts(engine, { ref, sha }, body['required_contexts'])
  const written = plainText(body['environment'] ?? 'production')
  const environment = environmentNamed(engine, written).name
  const deployment = addDeployment(engine, {
    environment,
    ref,
    sha,
    creator: caller.login,
    task: plainText(body['task'] ?? 'deploy'),
    description: typeof body['description'] === 'string' ? body['description'] : null,
    payload: body['payload'] ?? {},
    transient: body['transient_environment'] === true,
    production: (body['production_environment'] ?? environment === 'production') === true,
  })
  return { status: 201, body: deploymentView(engine, deployment) }
}

/** GitHub merges the default branch into a branch that lacks some of it, unless it is told not to. */
async function isBehind(engine: Engine, ref: string, main: string): Promise<boolean> {
  const git = openGit(engine.core.git)
  const branch = (await git.refs(`refs/heads/${ref}`)).find(
    (each) => each.name === `refs/heads/${ref}`,
  )
  if (branch === undefined || ref === main) return false
  const missing = await git.read('rev-list', '--count', `${branch.commit}..refs/heads/${main}`)
  return Number(missing) > 0
}

/** Without a list, everything that was reported about the commit must be good. */
function checkContexts(
  engine: Engine,
  { ref, sha }: { ref: string; sha: string },
  required: unknown,
): void {
  const reported = engine.core.settings.checks.get(sha) ?? []
  const wanted = Array.isArray(required) ? required.map(String) : reported.map(({ name }) => name)
  const missing = wanted.filter(
    (name) => !reported.some((check) => check.name === name && check.state === 'success'),
  )
  if (missing.length === 0) return
  throw new HubError(409, `Conflict: Commit status checks failed for ${ref}`, {
    errors: missing.map((context) => ({ contexts: [context], resource: 'Deployment' })),
  })
}

function tooLong(description: unknown): void {
  if (typeof description === 'string' && description.length > 140) {
    throw new HubError(422, 'Validation Failed', { errors: ['description is too long'] })
  }
}

function report(engine: Engine, { params, body, caller }: HubRequest): HubAnswer {
  const deployment = deploymentOf(engine, params['deployment_id'])
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '')
  tooLong(body['description'])
  addStatus(engine, deployment, {
    state: text('state'),
    creator: caller.login,
    description: text('description'),
    logUrl: text('log_url') || text('target_url'),
    environmentUrl: text('environment_url'),
    autoInactive: body['auto_inactive'] !== false,
  })
  const status = deployment.statuses.findLast((each) => each.state === text('state'))
  if (status === undefined) throw notFound()
  return { status: 201, body: statusView(engine, deployment, status) }
}
