import { commitOr422 } from './commits.ts'
import type { Git } from './git.ts'
import {
  page,
  reading,
  type HubCore,
  type HubRequest,
  type NewCheckRun,
  type Operation,
} from './operation.ts'
import { idOf, minimalRepository, nodeId, repositoryUrl, simpleUser } from './views.ts'

const below = '/repos/{owner}/{repo}'

/** Check runs that jobs wrote, and statuses that were posted. */
export interface Records {
  operations: Operation[]
  keep: Pick<HubCore, 'addCheckRun' | 'updateCheckRun'>
}

type CheckRun = NewCheckRun & {
  id: number
  app: string
  title?: string | null
  summary?: string | null
}

interface PostedStatus {
  id: number
  sha: string
  context: string
  state: string
  description: string | null
  targetUrl: string | null
  creator: string
  app?: string
  time: number
}

export function createRecords(core: HubCore, git: Git): Records {
  const runs: CheckRun[] = []
  const posted: PostedStatus[] = []
  const get = (path: string, permission: string, handle: Operation['handle']) =>
    reading(below + path, permission, handle)
  return {
    keep: {
      addCheckRun(check) {
        const id = core.nextId()
        runs.push({ ...check, id, app: 'github-actions' })
        return id
      },
      updateCheckRun(id, change) {
        Object.assign(runs.find((run) => run.id === id) ?? {}, change)
      },
    },
    operations: [
      get('/commits/{ref}/check-runs', 'checks=read', async (request) => {
        const sha = await commitOr422(git, request.params['ref'] ?? '')
        const all = [...runs.filter((run) => run.sha === sha), ...plannedRuns(core, sha)]
        return page(
          request,
          wantedRuns(all, request.query).map((run) => checkRunView(core, run)),
          'check_runs',
        )
      }),
      get('/commits/{ref}/status', 'statuses=read', async (request) => {
        const sha = await commitOr422(git, request.params['ref'] ?? '')
        return combined(core, request, sha, latest(statusesOf(core, posted, sha)))
      }),
      get('/commits/{ref}/statuses', 'statuses=read', async (request) => {
        const sha = await commitOr422(git, request.params['ref'] ?? '')
        return page(
          request,
          statusesOf(core, posted, sha).map((status) => statusView(core, status)),
        )
      }),
      {
        method: 'POST',
        path: `${below}/statuses/{sha}`,
        permission: 'statuses=write',
        async handle({ params, body, caller }) {
          const status = {
            id: core.nextId(),
            sha: await commitOr422(git, params['sha'] ?? ''),
            context: textOrNull(body['context']) ?? 'default',
            state: textOrNull(body['state']) ?? '',
            description: textOrNull(body['description']),
            targetUrl: textOrNull(body['target_url']),
            creator: caller.login,
            time: core.clock.now(),
          }
          posted.unshift(status)
          return { status: 201, body: statusView(core, status) }
        },
      },
    ],
  }
}

function plannedRuns(core: HubCore, sha: string): CheckRun[] {
  return (core.settings.checks.get(sha) ?? [])
    .filter(({ source }) => source === 'check_run')
    .map(({ name, state, url, app = 'acme-checks', title = null, summary = null }) => {
      const running = ['queued', 'in_progress'].includes(state)
      return {
        id: idOf(`${sha}/${app}/${name}`),
        app,
        sha,
        name,
        status: running ? (state as 'queued') : 'completed',
        conclusion: running ? null : state,
        startedAt: 0,
        completedAt: running ? null : 1000,
        ...(url === undefined ? {} : { url }),
        title,
        summary,
      }
    })
}

/** By default only the newest of a name counts. */
function wantedRuns(runs: CheckRun[], query: URLSearchParams): CheckRun[] {
  const name = query.get('check_name')
  const status = query.get('status')
  const newest = new Map(runs.map((run) => [`${run.app}/${run.name}`, run]))
  return (query.get('filter') === 'all' ? runs : [...newest.values()])
    .filter((run) => name === null || run.name === name)
    .filter((run) => status === null || run.status === status)
    .toReversed()
}

function checkRunView(core: HubCore, run: CheckRun) {
  const url = `${repositoryUrl(core)}/check-runs/${run.id}`
  const address = run.url ?? `${core.webUrl}/${core.owner}/${core.name}/runs/${run.id}`
  return {
    id: run.id,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.sha,
    external_id: '',
    url,
    html_url: address,
    details_url: address,
    name: run.name,
    status: run.status,
    conclusion: run.conclusion,
    started_at: core.clock.iso(run.startedAt),
    completed_at: run.completedAt === null ? null : core.clock.iso(run.completedAt),
    output: {
      title: run.title ?? null,
      summary: run.summary ?? null,
      text: null,
      annotations_count: 0,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: idOf(`${run.app}/${run.sha}`) },
    app: appView(core, run.app),
    pull_requests: [],
  }
}

function appView(core: HubCore, slug: string) {
  return {
    id: idOf(slug),
    slug,
    node_id: nodeId('App', slug),
    client_id: `Iv1.${slug}`,
    owner: simpleUser(core, 'acme-apps'),
    name: slug,
    description: null,
    external_url: `${core.webUrl}/apps/${slug}`,
    html_url: `${core.webUrl}/apps/${slug}`,
    created_at: core.clock.iso(0),
    updated_at: core.clock.iso(0),
    permissions: { checks: 'write' },
    events: [],
  }
}

/** Newest first. */
function statusesOf(core: HubCore, posted: PostedStatus[], sha: string): PostedStatus[] {
  const planned = (core.settings.checks.get(sha) ?? [])
    .filter(({ source }) => source === 'status')
    .map(({ name, state, url, app }) => ({
      id: idOf(`${sha}/${name}`),
      sha,
      context: name,
      state,
      description: null,
      targetUrl: url ?? null,
      creator: 'acme-ci',
      ...(app !== undefined && { app }),
      time: 0,
    }))
  return [...posted.filter((status) => status.sha === sha), ...planned]
}

function latest(statuses: PostedStatus[]): PostedStatus[] {
  const seen = new Set<string>()
  return statuses.filter(({ context }) => !seen.has(context) && seen.add(context))
}

function combined(core: HubCore, request: HubRequest, sha: string, statuses: PostedStatus[]) {
  const states = new Set(statuses.map(({ state }) => state))
  const isBad = states.has('failure') || states.has('error')
  // No status at all is `pending`, however many check runs there are.
  const isGood = statuses.length > 0 && !states.has('pending')
  const answer = page(
    request,
    statuses.map((status) => {
      const { creator: _, ...view } = statusView(core, status)
      return view
    }),
  )
  const url = repositoryUrl(core)
  return {
    ...answer,
    body: {
      state: isBad ? 'failure' : isGood ? 'success' : 'pending',
      statuses: answer.body,
      sha,
      total_count: statuses.length,
      repository: minimalRepository(core),
      commit_url: `${url}/commits/${sha}`,
      url: `${url}/commits/${sha}/status`,
    },
  }
}

function statusView(core: HubCore, status: PostedStatus) {
  const time = core.clock.iso(status.time)
  return {
    url: `${repositoryUrl(core)}/statuses/${status.sha}`,
    avatar_url: pictureOf(core, status),
    id: status.id,
    node_id: nodeId('StatusContext', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: time,
    updated_at: time,
    creator: simpleUser(core, status.creator),
  }
}

function pictureOf({ webUrl }: HubCore, { creator, app }: PostedStatus): string {
  return app === undefined ? `${webUrl}/${creator}.png` : `${webUrl}/in/${idOf(app)}?v=4`
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
