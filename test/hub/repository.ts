import type { Git, GitRef } from './git.ts'
import {
  notFound,
  ok,
  page,
  reading,
  type HubAnswer,
  type HubCore,
  type HubRequest,
  type Operation,
} from './operation.ts'
import { commitView } from './commits.ts'
import { refView, type References } from './references.ts'
import { idOf, minimalRepository, nodeId, repositoryPage, repositoryUrl } from './views.ts'

const below = '/repos/{owner}/{repo}'

function get(path: string, handle: Operation['handle']): Operation {
  return reading(below + path, path === '' ? 'metadata=read' : 'contents=read', handle)
}

/** The repository itself: its branches, tags and files. */
export function repositoryOperations(core: HubCore, git: Git, references: References): Operation[] {
  return [
    get('', async () => ok(await fullRepository(core, git))),
    get('/branches', async (request) => {
      const wanted = request.query.get('protected')
      const branches = (await git.refs('refs/heads/')).map((ref) => shortBranch(core, ref))
      return page(
        request,
        branches.filter((branch) => wanted === null || String(branch.protected) === wanted),
      )
    }),
    get('/branches/{branch}', ({ params }) => branchView(core, git, params['branch'] ?? '')),
    get('/commits/{commit_sha}/branches-where-head', async ({ params }) => {
      const heads = await git.refs('refs/heads/')
      return ok(
        heads
          .filter(({ commit }) => commit === params['commit_sha'])
          .map((ref) => shortBranch(core, ref)),
      )
    }),
    get('/tags', async (request) =>
      page(
        request,
        (await git.refs('refs/tags/')).toReversed().map((ref) => tagView(core, ref)),
      ),
    ),
    get('/git/ref/{ref}', async ({ params }) => {
      const wanted = `refs/${params['ref']}`
      const found = (await references.refs(wanted)).find(({ name }) => name === wanted)
      if (found === undefined) throw notFound()
      return ok(refView(core, found))
    }),
    // Every reference that begins so: `heads/main` finds `heads/main-2` as well.
    get('/git/matching-refs/{ref}', async ({ params }) =>
      ok((await references.refs(`refs/${params['ref']}`)).map((ref) => refView(core, ref))),
    ),
    get('/contents/{path}', (request) => contents(core, git, request)),
  ]
}

/** The repository as GitHub writes it where it is whole. */
export async function fullRepository(core: HubCore, git: Git): Promise<Record<string, unknown>> {
  const address = repositoryPage(core)
  const time = core.clock.iso(0)
  return {
    ...minimalRepository(core),
    visibility: core.settings.isPublic ? 'public' : 'private',
    clone_url: `${address}.git`,
    git_url: `${address}.git`,
    ssh_url: `git@${new URL(core.webUrl).hostname}:${core.owner}/${core.name}.git`,
    svn_url: address,
    default_branch: await git.defaultBranch(),
    ...zeroes(['forks', 'forks_count', 'open_issues', 'open_issues_count', 'size', 'watchers']),
    ...zeroes(['stargazers_count', 'watchers_count', 'network_count', 'subscribers_count']),
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_downloads: false,
    has_pages: false,
    has_discussions: false,
    homepage: null,
    language: null,
    archived: false,
    disabled: false,
    mirror_url: null,
    license: null,
    pushed_at: time,
    created_at: time,
    updated_at: time,
    permissions: {
      admin: core.settings.tokenIsAdmin,
      maintain: false,
      push: true,
      triage: true,
      pull: true,
    },
  }
}

function zeroes(names: string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 0]))
}

function shortBranch(core: HubCore, { name, commit }: GitRef) {
  const branch = name.replace('refs/heads/', '')
  return {
    name: branch,
    commit: { sha: commit, url: `${repositoryUrl(core)}/commits/${commit}` },
    protected: isProtected(core, branch),
  }
}

function isProtected(core: HubCore, branch: string): boolean {
  const required = core.settings.requiredChecks.get(branch)
  return required !== undefined && required.ruleset.length + required.classic.length > 0
}

async function branchView(core: HubCore, git: Git, name: string): Promise<HubAnswer> {
  const ref = (await git.refs(`refs/heads/${name}`)).find(
    (one) => one.name === `refs/heads/${name}`,
  )
  if (ref === undefined) throw notFound()
  const url = `${repositoryUrl(core)}/branches/${name}`
  const { classic: contexts = [], app } = core.settings.requiredChecks.get(name) ?? {}
  const app_id = app === undefined ? null : idOf(app)
  return ok({
    ...shortBranch(core, ref),
    commit: await commitView(core, git, ref.commit),
    _links: { html: `${repositoryPage(core)}/tree/${name}`, self: url },
    protection: {
      enabled: isProtected(core, name),
      required_status_checks: {
        enforcement_level: contexts.length > 0 ? 'non_admins' : 'off',
        contexts,
        checks: contexts.map((context) => ({ context, app_id })),
      },
    },
    protection_url: `${url}/protection`,
  })
}

function tagView(core: HubCore, { name, commit }: GitRef) {
  const tag = name.replace('refs/tags/', '')
  const url = repositoryUrl(core)
  return {
    name: tag,
    node_id: nodeId('Ref', name),
    commit: { sha: commit, url: `${url}/commits/${commit}` },
    zipball_url: `${url}/zipball/${name}`,
    tarball_url: `${url}/tarball/${name}`,
  }
}

/** GitHub gives the content of files up to this size, and beyond it only the rest. */
const inlineBytes = 1024 * 1024

interface Entry {
  type: string
  sha: string
  size: number
  path: string
}

async function contents(core: HubCore, git: Git, request: HubRequest): Promise<HubAnswer> {
  const path = request.params['path'] ?? ''
  const ref = request.query.get('ref') ?? (await git.defaultBranch())
  const commit = await git.commit(ref)
  if (commit === null) throw notFound()
  const [entry] = await entriesAt(git, commit, path)
  if (entry === undefined) throw notFound()
  if (entry.type === 'tree') {
    const entries = await entriesAt(git, commit, `${path}/`)
    return ok(entries.map((each) => entryView(core, each, ref)))
  }
  const bytes = (await git.bytes('cat-file', 'blob', entry.sha)) ?? Buffer.alloc(0)
  const inline = entry.size <= inlineBytes
  return ok({
    ...entryView(core, entry, ref),
    encoding: inline ? 'base64' : 'none',
    content: inline ? inLines(bytes.toString('base64')) : '',
  })
}

async function entriesAt(git: Git, commit: string, path: string): Promise<Entry[]> {
  const text = await git.read('ls-tree', '-z', '--long', '--full-tree', commit, '--', path)
  return (text ?? '')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [head = '', name = ''] = line.split('\t')
      const [, type = '', sha = '', size = ''] = head.split(/ +/)
      return { type, sha, size: Number(size) || 0, path: name }
    })
}

function entryView(core: HubCore, { type, sha, size, path }: Entry, ref: string) {
  const kinds: Record<string, string> = { tree: 'dir', commit: 'submodule' }
  const api = repositoryUrl(core)
  const url = `${api}/contents/${encodeURI(path)}?ref=${encodeURIComponent(ref)}`
  const html = `${repositoryPage(core)}/${type}/${encodeURI(ref)}/${encodeURI(path)}`
  const git = `${api}/git/${type}s/${sha}`
  return {
    type: kinds[type] ?? 'file',
    size,
    name: path.split('/').at(-1),
    path,
    sha,
    url,
    git_url: git,
    html_url: html,
    download_url: type === 'blob' ? html.replace('/blob/', '/raw/') : null,
    _links: { git, html, self: url },
  }
}

/** As GitHub sends it: in lines of sixty characters. */
export function inLines(text: string): string {
  return text.replace(/.{60}/g, '$&\n')
}
