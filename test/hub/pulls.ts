import type { Git } from './git.ts'
import type { HubPull } from './hub.ts'
import { notFound, page, reading, type HubCore, type Operation } from './operation.ts'
import { fullRepository } from './repository.ts'
import { idOf, nodeId, repositoryPage, repositoryUrl, simpleUser } from './views.ts'

const below = '/repos/{owner}/{repo}'
const permission = 'pull_requests=read'

/** Requests to merge: which of them brought a commit, and who reviewed them. */
export function pullOperations(core: HubCore, git: Git): Operation[] {
  return [
    reading(`${below}/commits/{commit_sha}/pulls`, permission, async (request) => {
      const sha = request.params['commit_sha'] ?? ''
      const found = core.settings.pulls.filter(({ commits }) => commits.includes(sha))
      const repository = found.length > 0 ? await fullRepository(core, git) : {}
      return page(
        request,
        found.map((pull) => pullView(core, pull, repository)),
      )
    }),
    reading(`${below}/pulls/{pull_number}/reviews`, permission, (request) => {
      const number = Number(request.params['pull_number'])
      const pull = core.settings.pulls.find((one) => one.number === number)
      if (pull === undefined) throw notFound()
      return page(
        request,
        pull.reviews.map((_, index) => reviewView(core, pull, index)),
      )
    }),
  ]
}

function headOf({ head, commits }: HubPull): string {
  return head ?? commits.at(-1) ?? ''
}

function pullView(core: HubCore, pull: HubPull, repo: Record<string, unknown>) {
  const { number, author, commits, merged = true, mergeCommit = commits.at(-1) ?? '' } = pull
  const url = `${repositoryUrl(core)}/pulls/${number}`
  const issue = `${repositoryUrl(core)}/issues/${number}`
  const address = `${repositoryPage(core)}/pull/${number}`
  const time = core.clock.iso(0)
  const ended = merged ? time : null
  return {
    url,
    id: idOf(`pull/${number}`),
    node_id: nodeId('PullRequest', number),
    html_url: address,
    diff_url: `${address}.diff`,
    patch_url: `${address}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repositoryUrl(core)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: `${repositoryUrl(core)}/statuses/${headOf(pull)}`,
    number,
    state: merged ? 'closed' : 'open',
    locked: false,
    title: `Change ${number}`,
    user: author === null ? null : simpleUser(core, author),
    body: null,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at: time,
    updated_at: time,
    closed_at: ended,
    merged_at: ended,
    merge_commit_sha: merged ? mergeCommit : null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: { ...endOf(core, `change-${number}`, headOf(pull)), repo },
    base: { ...endOf(core, 'main', '0'.repeat(40)), repo },
    _links: linksOf(url, issue, address, `${repositoryUrl(core)}/statuses/${headOf(pull)}`),
    author_association: 'CONTRIBUTOR',
    auto_merge: null,
    draft: false,
  }
}

function endOf(core: HubCore, ref: string, sha: string) {
  return {
    label: `${core.owner}:${ref}`,
    ref,
    sha,
    user: simpleUser(core, core.owner),
  }
}

function linksOf(url: string, issue: string, html: string, statuses: string) {
  const addresses = {
    self: url,
    html,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${url}/comments{/number}`,
    commits: `${url}/commits`,
    statuses,
  }
  return Object.fromEntries(Object.entries(addresses).map(([name, href]) => [name, { href }]))
}

function reviewView(core: HubCore, pull: HubPull, index: number) {
  const {
    login = null,
    state = 'COMMENTED',
    commit = headOf(pull),
    association = 'CONTRIBUTOR',
  } = pull.reviews[index] ?? {}
  const id = idOf(`pull/${pull.number}/review/${index}`)
  const url = `${repositoryUrl(core)}/pulls/${pull.number}`
  const html = `${repositoryPage(core)}/pull/${pull.number}#pullrequestreview-${id}`
  return {
    id,
    node_id: nodeId('PullRequestReview', id),
    user: login === null ? null : simpleUser(core, login),
    body: '',
    state,
    html_url: html,
    pull_request_url: url,
    _links: { html: { href: html }, pull_request: { href: url } },
    submitted_at: core.clock.iso(index * 1000),
    commit_id: commit,
    author_association: association,
  }
}
