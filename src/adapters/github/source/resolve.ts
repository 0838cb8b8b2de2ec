import type { Failure } from '../../../core/failure.ts'
import { ambiguousRef, unknownRef, type RefCandidate } from '../../../core/ref-text.ts'
import { isFullSha, shortVersion, type ResolvedRef } from '../../../core/release.ts'
import { oneLine } from '../../../core/text.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { readRepository } from '../repository-view.ts'
import { exactReference, matchingReferences, readCommit, type CommitFacts } from './commits.ts'

interface NamedCommit extends RefCandidate {
  facts: CommitFacts
}

/** The one commit a valid ref names on GitHub. */
export async function resolveOnGitHub(
  client: GitHubClient,
  ref: string,
  defaultBranch: () => Promise<string>,
): Promise<ResolvedRef> {
  const found = await findCommits(client, ref, defaultBranch)
  const [only] = found
  if (only === undefined) throw await unknownOnGitHub(client, ref)
  if (found.length > 1) throw ambiguousRef(ref, found)
  const { kind, name, facts } = only
  const [subject = ''] = facts.commit.message.split('\n')
  return {
    sha: facts.sha,
    version: kind === 'tag' ? name.replace(/^refs\/tags\//, '') : shortVersion(facts.sha),
    git_ref: ref,
    kind,
    committed_at: new Date(facts.commit.committer?.date ?? 0).toISOString(),
    subject: oneLine(subject),
  }
}

async function findCommits(
  client: GitHubClient,
  ref: string,
  defaultBranch: () => Promise<string>,
): Promise<NamedCommit[]> {
  const hex = ref.toLowerCase()
  // As in git itself, a full hash is never a name: nobody can shadow a commit with a branch.
  if (isFullSha(hex)) return await findHash(client, hex)
  if (ref === 'HEAD') {
    const tip = await findNamed(client, `heads/${await defaultBranch()}`)
    return tip.map(({ facts }) => ({ kind: 'commit', name: facts.sha, sha: facts.sha, facts }))
  }
  if (ref.startsWith('refs/')) return await findNamed(client, ref.slice('refs/'.length))
  const names = await Promise.all([
    findNamed(client, `tags/${ref}`),
    findNamed(client, `heads/${ref}`),
  ])
  const short = /^[0-9a-f]{7,39}$/.test(hex) ? await findHash(client, hex) : []
  return [...names.flat(), ...short]
}

async function findHash(client: GitHubClient, hex: string): Promise<NamedCommit[]> {
  const facts = await readCommit(client, hex)
  // A branch can be called like a hash: then GitHub gives the branch's commit.
  return facts?.sha.startsWith(hex)
    ? [{ kind: 'commit', name: facts.sha, sha: facts.sha, facts }]
    : []
}

/** `heads/main` or `tags/v1`, when there is exactly this one. */
async function findNamed(client: GitHubClient, name: string): Promise<NamedCommit[]> {
  const kind = name.startsWith('tags/') ? 'tag' : 'branch'
  if (kind === 'branch' && !name.startsWith('heads/')) return []
  const reference = await exactReference(client, name)
  if (reference === null) return []
  const { sha, type } = reference.object
  // An annotated tag is an object of its own: by its name GitHub gives the commit it is about.
  const facts = await readCommit(client, type === 'commit' ? sha : name)
  return facts === null ? [] : [{ kind, name: reference.ref, sha: facts.sha, facts }]
}

/** Why nothing on GitHub has this name. */
export async function unknownOnGitHub(client: GitHubClient, ref: string): Promise<Failure> {
  // Of a repository that it does not show, GitHub knows no name either.
  await readRepository(client)
  const [heads, tags] = await Promise.all(
    ['heads/', 'tags/'].map((prefix) => matchingReferences(client, prefix)),
  )
  const names = [...heads!, ...tags!].map((one) => one.ref.replace(/^refs\/\w+\//, ''))
  return unknownRef(ref, names, { where: 'on GitHub', update: 'push what is new: git push --tags' })
}
