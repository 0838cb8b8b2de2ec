import {
  HubError,
  notFound,
  ok,
  page,
  type HubCore,
  type HubRequest,
  type Operation,
} from './operation.ts'
import { idOf, nodeId, repositoryPage, repositoryUrl, simpleUser } from './views.ts'

const below = '/repos/{owner}/{repo}/issues'

interface Issue {
  id: number
  number: number
  title: string
  body: string | null
  author: string
  state: string
  reason: string | null
  createdAt: number
  updatedAt: number
  closedAt: number | null
  closedBy: string | null
  comments: Comment[]
}

interface Comment {
  id: number
  body: string
  author: string
  /** Written by a program in its user's name. */
  app: string | null
  createdAt: number
  updatedAt: number
}

/** Issues, and what is said in them. */
export function issueOperations(core: HubCore): Operation[] {
  const issues: Issue[] = []
  const issueOf = ({ params }: HubRequest) => {
    const found = issues.find(({ number }) => String(number) === params['issue_number'])
    if (found === undefined) throw notFound()
    return found
  }
  return [
    read('', (request) => list(core, issues, request)),
    write('POST', '', ({ body, caller }) => {
      const issue = newIssue(core, issues.length + 1, body, caller.login)
      issues.push(issue)
      return { status: 201, body: issueView(core, issue) }
    }),
    read('/{issue_number}', (request) => ok(issueView(core, issueOf(request)))),
    write('PATCH', '/{issue_number}', (request) => edit(core, issueOf(request), request)),
    read('/{issue_number}/comments', (request) => {
      const issue = issueOf(request)
      return page(
        request,
        issue.comments.map((comment) => commentView(core, issue, comment)),
      )
    }),
    write('POST', '/{issue_number}/comments', (request) => {
      const issue = issueOf(request)
      const comment = newComment(core, request)
      issue.comments.push(comment)
      issue.updatedAt = comment.createdAt
      return { status: 201, body: commentView(core, issue, comment) }
    }),
    ...commentOperations(core, issues),
  ]
}

/** Whoever may write changes and removes anybody's. */
function commentOperations(core: HubCore, issues: readonly Issue[]): Operation[] {
  const found = ({ params }: HubRequest) => {
    for (const issue of issues)
      for (const comment of issue.comments)
        if (String(comment.id) === params['comment_id']) return { issue, comment }
    throw notFound()
  }
  return [
    write('PATCH', '/comments/{comment_id}', (request) => {
      const { issue, comment } = found(request)
      comment.body = String(request.body['body'])
      comment.updatedAt = core.clock.now()
      return ok(commentView(core, issue, comment))
    }),
    write('DELETE', '/comments/{comment_id}', (request) => {
      const { issue, comment } = found(request)
      issue.comments.splice(issue.comments.indexOf(comment), 1)
      return { status: 204 }
    }),
  ]
}

function read(path: string, handle: Operation['handle']): Operation {
  return { method: 'GET', path: below + path, permission: 'issues=read', handle }
}

function write(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  handle: Operation['handle'],
): Operation {
  return { method, path: below + path, permission: 'issues=write', handle }
}

function newIssue(core: HubCore, number: number, body: HubRequest['body'], author: string): Issue {
  const now = core.clock.now()
  const text = body['body']
  if (typeof text === 'string' && text.length > 65_536)
    throw new HubError(422, 'Validation Failed', { errors: ['body is too long'] })
  return {
    id: core.nextId(),
    number,
    title: String(body['title']),
    body: typeof text === 'string' ? text : null,
    author,
    state: 'open',
    reason: null,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    comments: [],
  }
}

function newComment(core: HubCore, { body, caller }: HubRequest): Comment {
  const now = core.clock.now()
  return {
    id: core.nextId(),
    body: String(body['body']),
    author: caller.login,
    app:
      caller.kind === 'bot' ? 'acme-deployer' : (core.settings.writesFor.get(caller.login) ?? null),
    createdAt: now,
    updatedAt: now,
  }
}

function edit(core: HubCore, issue: Issue, { body, caller }: HubRequest) {
  const now = core.clock.now()
  if (typeof body['title'] === 'string') issue.title = body['title']
  if (typeof body['body'] === 'string') issue.body = body['body']
  if (typeof body['state'] === 'string' && body['state'] !== issue.state) {
    const isClosed = body['state'] === 'closed'
    issue.state = body['state']
    const { state_reason: why = 'completed' } = body as { state_reason?: string }
    issue.reason = isClosed ? why : 'reopened'
    issue.closedAt = isClosed ? now : null
    issue.closedBy = isClosed ? caller.login : null
  }
  issue.updatedAt = now
  return ok(issueView(core, issue))
}

/** Newest first, as GitHub has it where nobody asks for another order. */
function list(core: HubCore, issues: readonly Issue[], request: HubRequest) {
  const { query } = request
  const state = query.get('state') ?? 'open'
  const creator = query.get('creator')
  const wanted = issues.filter(
    (issue) =>
      (state === 'all' || issue.state === state) && (creator === null || issue.author === creator),
  )
  return page(
    request,
    wanted.toReversed().map((issue) => issueView(core, issue)),
  )
}

function issueView(core: HubCore, issue: Issue) {
  const url = `${repositoryUrl(core)}/issues/${issue.number}`
  return {
    id: issue.id,
    node_id: nodeId('Issue', issue.id),
    url,
    repository_url: repositoryUrl(core),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${repositoryPage(core)}/issues/${issue.number}`,
    number: issue.number,
    state: issue.state,
    state_reason: issue.reason,
    title: issue.title,
    body: issue.body,
    user: simpleUser(core, issue.author),
    labels: [],
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: issue.comments.length,
    closed_at: issue.closedAt === null ? null : core.clock.iso(issue.closedAt),
    closed_by: issue.closedBy === null ? null : simpleUser(core, issue.closedBy),
    created_at: core.clock.iso(issue.createdAt),
    updated_at: core.clock.iso(issue.updatedAt),
    author_association: 'CONTRIBUTOR',
    performed_via_github_app: null,
  }
}

function commentView(core: HubCore, issue: Issue, comment: Comment) {
  const url = repositoryUrl(core)
  const address = `${repositoryPage(core)}/issues/${issue.number}`
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${url}/issues/comments/${comment.id}`,
    html_url: `${address}#issuecomment-${comment.id}`,
    issue_url: `${url}/issues/${issue.number}`,
    body: comment.body,
    user: simpleUser(core, comment.author),
    created_at: core.clock.iso(comment.createdAt),
    updated_at: core.clock.iso(comment.updatedAt),
    author_association: 'CONTRIBUTOR',
    performed_via_github_app: comment.app === null ? null : appView(core, comment.app),
  }
}

function appView(core: HubCore, slug: string) {
  const address = `${core.webUrl}/apps/${slug}`
  return {
    id: idOf(slug),
    slug,
    node_id: nodeId('App', slug),
    owner: simpleUser(core, 'acme-apps'),
    name: slug,
    description: null,
    external_url: address,
    html_url: address,
    created_at: core.clock.iso(0),
    updated_at: core.clock.iso(0),
    permissions: { issues: 'write' },
    events: [],
  }
}
