import type { GitHubClient } from './client/github-client.ts'
import { defaultBranchOf } from './default-branch.ts'
import { exactReference, readCommit } from './source/commits.ts'

/** A commit that only carries words. */
export interface WordsCommit {
  sha: string
  message: string
  parents: { sha: string }[]
}

/** Makes one, on no branch. Its tree is one the repository has for sure: the default branch's. */
export async function makeWordsCommit(
  client: GitHubClient,
  message: string,
  parents: readonly string[],
): Promise<string> {
  const head = await readCommit(client, await defaultBranchOf(client))
  const tree = head?.commit.tree.sha ?? emptyTree
  const { data } = await client.send<WordsCommit>('POST', '/git/commits', {
    message,
    tree,
    parents: [...parents],
  })
  return data.sha
}

/** Git knows it without being told. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** What a ref names, read whole; null when there is no such ref. */
export async function wordsAt(client: GitHubClient, ref: string): Promise<WordsCommit | null> {
  const found = await exactReference(client, ref.replace(/^refs\//, ''))
  return found === null ? null : await wordsOf(client, found.object.sha)
}

/** What is no commit has no words. */
async function wordsOf(client: GitHubClient, sha: string): Promise<WordsCommit> {
  const route = '/git/commits/{commit_sha}'
  const answer = await client.find<WordsCommit>(route, { commit_sha: sha })
  return answer?.data ?? { sha, message: '', parents: [] }
}
