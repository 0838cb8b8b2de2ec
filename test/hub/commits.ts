import { changedFiles, type ChangedFile } from './changed-files.ts'
import type { Git } from './git.ts'
import {
  HubError,
  notFound,
  ok,
  page,
  type HubCore,
  type HubRequest,
  type Operation,
} from './operation.ts'
import type { MadeCommit, References } from './references.ts'
import { nodeId, repositoryPage, repositoryUrl, simpleUser } from './views.ts'

const below = '/repos/{owner}/{repo}'

/** Commits, and what lies between two of them. */
export function commitOperations(
  core: HubCore,
  git: Git,
  { history }: Pick<References, 'history'>,
): Operation[] {
  const permission = 'contents=read'
  return [
    {
      method: 'GET',
      path: `${below}/commits`,
      permission,
      async handle(request) {
        const made = history(request.query.get('sha') ?? '')
        if (made === null) return await listCommits(core, git, request)
        const answer = page(request, made)
        return { ...answer, body: (answer.body as MadeCommit[]).map((one) => madeView(core, one)) }
      },
    },
    {
      method: 'GET',
      path: `${below}/commits/{ref}`,
      permission,
      async handle({ params }) {
        const sha = await commitOr422(git, params['ref'] ?? '')
        const parent = await git.read('rev-parse', '--verify', '--quiet', `${sha}^`)
        const files = await changedFiles(core, git, parent === null ? null : parent.trim(), sha)
        const additions = sum(files, 'additions')
        const deletions = sum(files, 'deletions')
        const stats = { additions, deletions, total: additions + deletions }
        return ok({ ...(await commitView(core, git, sha)), stats, files })
      },
    },
    {
      method: 'GET',
      path: `${below}/compare/{basehead}`,
      permission,
      handle: (request) => compare(core, git, request),
    },
  ]
}

async function listCommits(core: HubCore, git: Git, request: HubRequest) {
  const { query } = request
  const start = await git.commit(query.get('sha') ?? (await git.defaultBranch()))
  if (start === null) throw notFound()
  const options = [
    ...(query.has('since') ? [`--since=${query.get('since')}`] : []),
    ...(query.has('until') ? [`--until=${query.get('until')}`] : []),
  ]
  const path = query.get('path')
  const text = await git.read('rev-list', ...options, start, '--', ...(path === null ? [] : [path]))
  const answer = page(request, lines(text))
  const shas = answer.body as string[]
  return { ...answer, body: await commitViews(core, git, shas) }
}

async function compare(core: HubCore, git: Git, request: HubRequest) {
  const [from = '', to = ''] = (request.params['basehead'] ?? '').split('...')
  const base = await git.commit(from)
  const head = await git.commit(to)
  if (base === null || head === null) throw notFound()
  const mergeBase = (await git.read('merge-base', base, head))?.trim()
  if (mergeBase === undefined)
    throw new HubError(404, `No common ancestor between ${from} and ${to}.`)
  const counts = await git.read('rev-list', '--left-right', '--count', `${base}...${head}`)
  const [behind = 0, ahead = 0] = (counts ?? '').trim().split('\t').map(Number)
  const between = lines(await git.read('rev-list', '--reverse', `${base}..${head}`))
  const commits = page(request, between)
  const url = `${repositoryUrl(core)}/compare/${from}...${to}`
  const address = `${repositoryPage(core)}/compare/${from}...${to}`
  return {
    ...commits,
    body: {
      url,
      html_url: address,
      permalink_url: address,
      diff_url: `${address}.diff`,
      patch_url: `${address}.patch`,
      base_commit: await commitView(core, git, base),
      merge_base_commit: await commitView(core, git, mergeBase),
      status: statusOf(ahead, behind),
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits: await commitViews(core, git, commits.body as string[]),
      // GitHub lists at most 300 files, on the first page only.
      files: (await changedFiles(core, git, mergeBase, head)).slice(0, 300),
    },
  }
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead'
  return behind > 0 ? 'behind' : 'identical'
}

/** A commit of the API, without its files. */
export async function commitView(
  core: HubCore,
  git: Git,
  sha: string,
): Promise<Record<string, unknown>> {
  const [view] = await commitViews(core, git, [sha])
  return view ?? {}
}

const formatFields = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B']

/** Several of them, with one start of git. */
async function commitViews(core: HubCore, git: Git, shas: readonly string[]) {
  if (shas.length === 0) return []
  const format = `--format=${formatFields.join('%x00')}%x00%x00`
  const text = (await git.read('show', '--no-patch', format, ...shas)) ?? ''
  return text
    .split('\0\0\n')
    .filter((part) => part !== '')
    .map((part) => viewOf(core, part.split('\0')))
}

function madeView(core: HubCore, { sha, tree, parents, message, author, time }: MadeCommit) {
  const person = [author, `${author}@example.com`, core.clock.iso(time)]
  return viewOf(core, [sha, tree, parents.join(' '), ...person, ...person, message])
}

function viewOf(core: HubCore, values: string[]): Record<string, unknown> {
  const [sha = '', tree = '', parents = '', name = '', email = '', date = '', ...rest] = values
  const [committer = '', committerEmail = '', committed = '', message = ''] = rest
  const url = repositoryUrl(core)
  return {
    url: `${url}/commits/${sha}`,
    sha,
    node_id: nodeId('Commit', sha),
    html_url: `${repositoryPage(core)}/commit/${sha}`,
    comments_url: `${url}/commits/${sha}/comments`,
    commit: {
      url: `${url}/git/commits/${sha}`,
      author: { name, email, date: utc(date) },
      committer: { name: committer, email: committerEmail, date: utc(committed) },
      message: message.trimEnd(),
      comment_count: 0,
      tree: { sha: tree, url: `${url}/git/trees/${tree}` },
      verification: {
        verified: false,
        reason: 'unsigned',
        payload: null,
        signature: null,
        verified_at: null,
      },
    },
    author: accountOf(core, email),
    committer: accountOf(core, committerEmail),
    parents: parents
      .split(' ')
      .filter((parent) => parent !== '')
      .map((parent) => ({
        sha: parent,
        url: `${url}/commits/${parent}`,
        html_url: `${repositoryPage(core)}/commit/${parent}`,
      })),
  }
}

/** Null for an address that GitHub knows nobody by. */
function accountOf(core: HubCore, email: string) {
  const login = core.settings.logins.get(email)
  return login === undefined ? null : simpleUser(core, login)
}

export async function commitOr422(git: Git, ref: string): Promise<string> {
  const sha = await git.commit(ref)
  if (sha === null) throw new HubError(422, `No commit found for SHA: ${ref}`)
  return sha
}

function sum(files: ChangedFile[], key: 'additions' | 'deletions'): number {
  return files.reduce((total, file) => total + file[key], 0)
}

function utc(date: string): string {
  return date === '' ? '' : new Date(date).toISOString().replace('.000Z', 'Z')
}

function lines(text: string | null): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '')
}
