import type { RefCandidate } from '../../core/ref-text.ts'
import { isFullSha } from '../../core/release.ts'
import type { Git } from './git.ts'

const tags = 'refs/tags/'
const heads = 'refs/heads/'
const origin = 'refs/remotes/origin/'

/** Everything the text may mean; one entry when it is unambiguous. */
export async function findCommits(git: Git, ref: string): Promise<RefCandidate[]> {
  const hex = ref.toLowerCase()
  // As in git itself, a full hash is never a name: nobody can shadow a commit with a branch.
  if (isFullSha(hex)) return commit(hex, await peel(git, hex))
  if (ref === 'HEAD') {
    const sha = await peel(git, 'HEAD')
    return sha === null ? [] : [{ kind: 'commit', name: sha, sha }]
  }
  return [...(await findNames(git, ref)), ...(await findShort(git, hex))]
}

/** The branch of a name: the local one and the fetched one, as far as they exist. */
export async function findBranch(git: Git, branch: string): Promise<RefCandidate[]> {
  return readRefs(git, [heads + branch, origin + branch])
}

/** The short names of all branches and tags. */
export async function listNames(git: Git): Promise<string[]> {
  const names = await git.text(['for-each-ref', '--format=%(refname)', tags, heads, origin])
  return names.split('\n').map(shortName).filter(Boolean)
}

/** `v1.4.0` of `refs/tags/v1.4.0`. */
export function shortName(name: string): string {
  return name.replace(/^refs\/(?:tags|heads|remotes\/origin)\//, '')
}

async function findNames(git: Git, ref: string): Promise<RefCandidate[]> {
  if (ref.startsWith('refs/')) return readRefs(git, [ref])
  const found = await readRefs(git, [tags + ref, heads + ref, origin + ref, `refs/remotes/${ref}`])
  const local = found.some(({ name }) => name === heads + ref)
  return found.filter(({ name }) => !local || !name.startsWith(origin))
}

async function readRefs(git: Git, names: readonly string[]): Promise<RefCandidate[]> {
  const known = names.filter((name) => [tags, heads, origin].some((room) => name.startsWith(room)))
  if (known.length === 0) return []
  const lines = await git.text(['for-each-ref', '--format=%(objectname) %(refname)', ...known])
  const found: RefCandidate[] = []
  for (const line of lines.split('\n')) {
    const [object = '', name = ''] = line.split(' ')
    // A pattern also matches everything below it: `v1` would find `v1/rc`.
    const sha = known.includes(name) ? await peel(git, object) : null
    if (sha !== null) found.push({ kind: name.startsWith(tags) ? 'tag' : 'branch', name, sha })
  }
  return found
}

async function findShort(git: Git, hex: string): Promise<RefCandidate[]> {
  if (!/^[0-9a-f]{7,63}$/.test(hex)) return []
  const objects = await git.text(['rev-parse', `--disambiguate=${hex}`])
  const commits: RefCandidate[] = []
  for (const object of objects.split('\n').filter(Boolean)) {
    commits.push(...commit(object, await peel(git, object)))
  }
  return commits
}

/** An annotated tag's own hash peels to another commit, and is not that commit's name. */
function commit(object: string, sha: string | null): RefCandidate[] {
  return sha === object ? [{ kind: 'commit', name: sha, sha }] : []
}

async function peel(git: Git, object: string): Promise<string | null> {
  const { exitCode, text } = await git.ask([
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${object}^{commit}`,
  ])
  return exitCode === 0 ? text : null
}
