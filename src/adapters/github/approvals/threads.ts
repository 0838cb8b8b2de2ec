import { join } from 'node:path'
import type { ApprovalRequest } from '../../../core/approval.ts'
import type { Runtime } from '../../../ports/runtime.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { once } from '../deployments/once.ts'
import { readText } from '../files.ts'
import type { Account } from '../payloads.ts'

/** An issue that asks for consent. */
export interface Thread {
  number: number
  title: string
  body: string | null
  html_url: string
  state: string
  user: Account | null
  created_at: string
  pull_request?: unknown
}

export interface ThreadDeps {
  client: GitHubClient
  stateDirectory: string
  runtime: Pick<Runtime, 'now' | 'id' | 'sha256'>
}

/** How many of the newest issues are looked through for one that another machine opened. */
const mostLooked = 200

/** The issues of a request, oldest first: one, unless somebody made another that is named like it. */
export async function threadsOf(
  deps: ThreadDeps,
  { id }: Pick<ApprovalRequest, 'id'>,
): Promise<Thread[]> {
  const known = await readText(`${fileOf(deps, id)}.done`)
  if (known !== null) {
    const route = '/issues/{issue_number}'
    const answer = await deps.client.find<Thread>(route, { issue_number: known })
    if (answer !== null && isOf(answer.data, id)) return [answer.data]
  }
  const { items } = await deps.client.list<Thread>('/issues', {
    params: { state: 'all', sort: 'created', direction: 'desc' },
    most: mostLooked,
  })
  const found = items.filter((issue) => isOf(issue, id))
  return found.slice(-threadsRead).toReversed()
}

/** Of many that are named alike the oldest ones are read. */
const threadsRead = 5

function isOf({ title, pull_request }: Thread, id: string): boolean {
  return pull_request === undefined && title.endsWith(`(${id})`)
}

/** Opens the issue, at most once on this machine; one that is there already is taken. */
export async function openThread(
  deps: ThreadDeps,
  { id }: Pick<ApprovalRequest, 'id'>,
  text: { title: string; body: string },
): Promise<void> {
  await once({
    path: fileOf(deps, id),
    now: deps.runtime.now(),
    tag: () => deps.runtime.id('tmp'),
    find: async () => {
      const [found] = await threadsOf(deps, { id })
      return found === undefined ? null : String(found.number)
    },
    send: async () => {
      const { data } = await deps.client.send<Thread>('POST', '/issues', text)
      return String(data.number)
    },
  })
}

function fileOf({ stateDirectory }: ThreadDeps, id: string): string {
  return join(stateDirectory, 'github', 'approvals', id.replaceAll(/[^\w-]/g, '_'))
}
