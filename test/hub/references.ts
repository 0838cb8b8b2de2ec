import { createHash } from 'node:crypto'
import type { Git, GitRef } from './git.ts'
import {
  HubError,
  notFound,
  ok,
  type HubCore,
  type HubRequest,
  type Operation,
} from './operation.ts'
import { nodeId, repositoryPage, repositoryUrl } from './views.ts'

const below = '/repos/{owner}/{repo}'

/** A commit that was made over the API. */
export interface MadeCommit {
  sha: string
  tree: string
  parents: string[]
  message: string
  author: string
  time: number
}

/** References and commits made over the API. They are this stand-in's own: the repository is not touched. */
export interface References {
  operations: Operation[]
  /** What was made here, and what the repository has, in order. */
  refs(prefix: string): Promise<GitRef[]>
  /** A commit that was made here and those before it, newest first; null for any other. */
  history(sha: string): MadeCommit[] | null
}

export function createReferences(core: HubCore, git: Git): References {
  const commits = new Map<string, MadeCommit>()
  const made = new Map<string, string>()
  const world: World = { core, git, commits, made }
  return {
    async refs(prefix) {
      const own = [...made].filter(([name]) => name.startsWith(prefix))
      const views = own.map(([name, commit]) => refOf(name, commit))
      return [...(await git.refs(prefix)), ...views].toSorted((left, right) =>
        left.name < right.name ? -1 : 1,
      )
    },
    history(sha) {
      const all: MadeCommit[] = []
      for (let one = commits.get(sha); one; one = commits.get(one.parents[0] ?? '')) all.push(one)
      return all.length === 0 ? null : all
    },
    operations: [
      change('POST', '/git/commits', (request) => makeCommit(world, request)),
      {
        method: 'GET',
        path: `${below}/git/commits/{commit_sha}`,
        permission: 'contents=read',
        handle: ({ params }) => readCommit(world, params['commit_sha'] ?? ''),
      },
      change('POST', '/git/refs', (request) => create(world, request)),
      change('PATCH', '/git/refs/{ref}', (request) => move(world, request)),
      change('DELETE', '/git/refs/{ref}', ({ params }) => {
        const name = `refs/${params['ref']}`
        guard(world, name)
        if (!made.delete(name)) throw new HubError(422, 'Reference does not exist')
        return { status: 204 }
      }),
    ],
  }
}

interface World {
  core: HubCore
  git: Git
  commits: Map<string, MadeCommit>
  made: Map<string, string>
}

function change(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  handle: Operation['handle'],
): Operation {
  return { method, path: below + path, permission: 'contents=write', handle }
}

function refOf(name: string, commit: string): GitRef {
  return { name, object: { type: 'commit', sha: commit }, commit }
}

async function makeCommit(world: World, { body, caller }: HubRequest) {
  const { core, git, commits } = world
  const tree = String(body['tree'])
  const parents = (body['parents'] ?? []) as string[]
  if ((await git.read('cat-file', '-t', tree))?.trim() !== 'tree')
    throw new HubError(422, 'Tree SHA does not exist')
  for (const parent of parents)
    if (!commits.has(parent) && (await git.commit(parent)) === null)
      throw new HubError(422, 'Parent SHA does not exist or is not a commit object')
  const time = core.clock.now()
  const rest = { tree, parents, message: String(body['message']), author: caller.login, time }
  // Two that are alike are one commit in git, too.
  const sha = createHash('sha1').update(JSON.stringify(rest)).digest('hex')
  const one = { sha, ...rest }
  commits.set(sha, one)
  return { status: 201, body: commitView(core, one) }
}

function readCommit({ core, commits }: World, sha: string) {
  const one = commits.get(sha)
  if (one === undefined) throw notFound()
  return ok(commitView(core, one))
}

async function create(world: World, { body }: HubRequest) {
  const { core, git, made } = world
  const name = String(body['ref'])
  if (!/^refs\/[^/]+\/./.test(name)) throw new HubError(422, 'Reference name is not valid')
  guard(world, name)
  const taken = made.has(name) || (await git.refs(name)).some((ref) => ref.name === name)
  if (taken) throw new HubError(422, 'Reference already exists')
  const sha = await known(world, body['sha'])
  // Nothing was awaited since it was looked up: of two that ask at once one finds it taken.
  if (made.has(name)) throw new HubError(422, 'Reference already exists')
  made.set(name, sha)
  return { status: 201, body: refView(core, refOf(name, sha)) }
}

async function move(world: World, { params, body }: HubRequest) {
  const { core, made } = world
  const name = `refs/${params['ref']}`
  guard(world, name)
  const sha = await known(world, body['sha'])
  const now = made.get(name)
  if (now === undefined) throw new HubError(422, 'Reference does not exist')
  if (body['force'] !== true && !isAncestor(world, now, sha))
    throw new HubError(422, 'Update is not a fast forward')
  made.set(name, sha)
  return { status: 200, body: refView(core, refOf(name, sha)) }
}

/** Only commits that were made here are moved between. */
function isAncestor({ commits }: World, older: string, newer: string): boolean {
  if (older === newer) return true
  return (commits.get(newer)?.parents ?? []).some((parent) =>
    isAncestor({ commits } as World, older, parent),
  )
}

async function known({ git, commits }: World, sha: unknown): Promise<string> {
  const text = String(sha)
  if (commits.has(text) || (await git.commit(text)) !== null) return text
  throw new HubError(422, 'Object does not exist')
}

/** A branch that wants a request to merge is moved by nothing else. */
function guard({ core }: World, name: string): void {
  const branch = name.replace('refs/heads/', '')
  const isRuled = core.settings.rulesets.some((ruleset) => ruleset.branch === branch)
  if (isRuled && name.startsWith('refs/heads/'))
    throw new HubError(422, 'Repository rule violations found')
}

export function refView(core: HubCore, { name, object }: GitRef) {
  const url = repositoryUrl(core)
  return {
    ref: name,
    node_id: nodeId('Ref', name),
    url: `${url}/git/${name}`,
    object: { ...object, url: `${url}/git/${object.type}s/${object.sha}` },
  }
}

function commitView(core: HubCore, { sha, tree, parents, message, author, time }: MadeCommit) {
  const url = `${repositoryUrl(core)}/git`
  const page = `${repositoryPage(core)}/commit`
  const person = { name: author, email: `${author}@example.com`, date: core.clock.iso(time) }
  return {
    sha,
    node_id: nodeId('Commit', sha),
    url: `${url}/commits/${sha}`,
    html_url: `${page}/${sha}`,
    author: person,
    committer: person,
    message,
    tree: { sha: tree, url: `${url}/trees/${tree}` },
    parents: parents.map((parent) => ({
      sha: parent,
      url: `${url}/commits/${parent}`,
      html_url: `${page}/${parent}`,
    })),
    verification: {
      verified: false,
      reason: 'unsigned',
      signature: null,
      payload: null,
      verified_at: null,
    },
  }
}
