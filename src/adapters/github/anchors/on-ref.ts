import { Failure } from '../../../core/failure.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { failureStatus } from '../failure-status.ts'
import { makeWordsCommit, wordsAt, type WordsCommit } from '../object-commits.ts'
import { exactReference, type CommitFacts } from '../source/commits.ts'
import type { Anchored } from './on-deployments.ts'

/** How far back one look goes: what lies further back could be buried by whoever may push there. */
const mostLooked = 5000

/** Somebody else may be faster. */
const tries = 3

/** As a commit that follows the one before, so that GitHub moves the ref without force. */
export async function anchorOnRef(
  client: GitHubClient,
  ref: string,
  note: string,
): Promise<string> {
  let refusal: unknown
  for (let attempt = 0; attempt < tries; attempt++) {
    const last = await wordsAt(client, ref)
    if (last !== null && noteIn(last) === note) return ref
    const sha = await makeWordsCommit(client, `${heading}\n\n${note}`, last ? [last.sha] : [])
    refusal = await moved(client, ref, sha, last === null)
    if (refusal === null) return ref
  }
  throw refusal
}

// Where the ref is a branch, nothing is to be built for it.
const heading = 'Checkpoint of the audit log [skip ci]'

async function moved(
  client: GitHubClient,
  full: string,
  sha: string,
  isNew: boolean,
): Promise<unknown> {
  const ref = full.replace(/^refs\//, '')
  try {
    if (isNew) await client.send('POST', '/git/refs', { ref: full, sha })
    else await client.send('PATCH', '/git/refs/{ref}', { ref, sha, force: false })
    return null
  } catch (error) {
    const status = error instanceof Failure ? failureStatus(error) : null
    const isLost = error instanceof Failure && error.details['outcome'] === 'unknown'
    if (status === 409 || status === 422 || isLost) return error
    throw error
  }
}

export async function anchoredOnRef(client: GitHubClient, ref: string): Promise<Anchored[]> {
  const tip = await exactReference(client, ref.replace(/^refs\//, ''))
  if (tip === null) return []
  const options = { params: { sha: tip.object.sha }, most: mostLooked }
  const { items, truncated } = await client.list<CommitFacts>('/commits', options)
  if (truncated) throw tooLong(ref)
  return items.flatMap(({ sha, commit }, looked) => {
    const checkpoint = noteIn(commit)
    const place = `${ref} on GitHub (${sha.slice(0, 12)})`
    // The newest come first.
    return checkpoint === null ? [] : [{ place, checkpoint, at: -looked }]
  })
}

function tooLong(ref: string): Failure {
  return new Failure({
    code: 'audit_unavailable',
    message: `${ref} has more than ${mostLooked} commits, so that its oldest checkpoints are not read`,
    hint: 'keep its newest checkpoint, name a new ref in audit.anchors.git_ref, then: gonogo audit checkpoint',
  })
}

function noteIn({ message }: Pick<WordsCommit, 'message'>): string | null {
  const start = `${heading}\n\n`
  // Git takes a newline off the end of a message, or leaves it there.
  return message.startsWith(start) ? `${message.slice(start.length).trimEnd()}\n` : null
}
