import type { Git } from './git.ts'
import {
  notFound,
  ok,
  reading,
  type HubCore,
  type HubRequest,
  type Operation,
} from './operation.ts'
import { inLines } from './repository.ts'
import { nodeId, repositoryUrl } from './views.ts'

const below = '/repos/{owner}/{repo}'

/** What a commit holds: its tree, the contents by their hash, and everything at once. */
export function objectOperations(core: HubCore, git: Git): Operation[] {
  return [
    get('/git/trees/{tree_sha}', (request) => tree(core, git, request)),
    get('/git/blobs/{file_sha}', ({ params }) => blob(core, git, params['file_sha'] ?? '')),
    get('/tarball/{ref}', ({ params }) => archive(core, git, params['ref'] ?? '', 'tar.gz')),
    get('/zipball/{ref}', ({ params }) => archive(core, git, params['ref'] ?? '', 'zip')),
  ]
}

function get(path: string, handle: Operation['handle']): Operation {
  return reading(below + path, 'contents=read', handle)
}

/** Of a tree, a commit, or what a branch or tag names. */
async function tree(core: HubCore, git: Git, { params, query }: HubRequest) {
  const name = params['tree_sha'] ?? ''
  const object = (await git.commit(name)) ?? (isHash(name) ? name : null)
  // Whatever its value is: GitHub even takes `0` for a yes.
  const deep = query.has('recursive') ? ['-r', '-t'] : []
  const text = object && (await git.read('ls-tree', ...deep, '-z', '--long', object))
  const sha = object && (await git.read('rev-parse', `${object}^{tree}`))
  if (text === null || sha === null) throw notFound()
  const url = `${repositoryUrl(core)}/git`
  const entries = text.split('\0').filter((line) => line !== '')
  return ok({
    sha: sha.trim(),
    url: `${url}/trees/${sha.trim()}`,
    truncated: false,
    tree: entries.map((line) => treeEntry(url, line)),
  })
}

/** A submodule is a commit of another repository, and has no address in this one. */
function treeEntry(url: string, line: string) {
  const [facts = '', path = ''] = line.split('\t')
  const [mode, type, sha, size] = facts.split(/ +/)
  return {
    path,
    mode,
    type,
    sha,
    ...(type === 'blob' && { size: Number(size) }),
    ...(type !== 'commit' && { url: `${url}/${type}s/${sha}` }),
  }
}

async function blob(core: HubCore, git: Git, sha: string) {
  const bytes = isHash(sha) ? await git.bytes('cat-file', 'blob', sha) : null
  if (bytes === null) throw notFound()
  return ok({
    sha,
    node_id: nodeId('Blob', sha),
    size: bytes.length,
    url: `${repositoryUrl(core)}/git/blobs/${sha}`,
    content: inLines(bytes.toString('base64')),
    encoding: 'base64',
  })
}

/** GitHub sends the caller to another host, which asks for no token. */
async function archive(core: HubCore, git: Git, ref: string, format: 'tar.gz' | 'zip') {
  const commit = await git.commit(ref)
  if (commit === null) throw notFound()
  const root = `${core.owner}-${core.name}-${commit.slice(0, 7)}`
  const bytes = await git.bytes('archive', `--format=${format}`, `--prefix=${root}/`, commit)
  if (bytes === null) throw notFound()
  const type = format === 'zip' ? 'application/zip' : 'application/x-gzip'
  const location = core.serve(bytes, { type, filename: `${root}.${format}` })
  return { status: 302, headers: { location } }
}

function isHash(name: string): boolean {
  return /^[0-9a-f]{40}$/.test(name)
}
