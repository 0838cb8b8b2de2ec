import { Failure, toFailure } from '../../../core/failure.ts'
import type { GitHubSettings } from '../../../core/project.ts'
import { oneLine } from '../../../core/text.ts'
import type { PlatformHolder, PlatformLock } from '../../../ports/pipeline.ts'
import type { Runtime } from '../../../ports/runtime.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { failureStatus, isUnseen } from '../failure-status.ts'
import { makeWordsCommit, wordsAt } from '../object-commits.ts'
import { holderIn, holderText } from './holder-text.ts'
import { createLockMemory, type LockMemory } from './lock-memory.ts'

export interface LockDeps {
  client: GitHubClient
  settings: Pick<GitHubSettings, 'lock'>
  stateDirectory: string
  runtime: Pick<Runtime, 'id'>
}

/**
 * The lock of an environment as a ref: GitHub makes a ref once, whoever asks, and moves it only to a
 * commit that follows the one it names.
 */
export function createPlatformLock(deps: LockDeps): PlatformLock {
  const { client } = deps
  const memory = createLockMemory(deps)
  return {
    holder: async (environment) => (await read(client, environment))?.holder ?? null,
    async take(holder, mayReplace = () => false) {
      try {
        const held_by = await take(client, holder, mayReplace)
        await memory.forget()
        return { held_by, problem: null }
      } catch (error) {
        return { held_by: null, problem: await withoutLock(deps, memory, error) }
      }
    },
    async release(environment, id) {
      const seen = await read(client, environment)
      if (seen?.holder.id === id) await remove(client, environment)
    },
    problem: () => memory.problem(),
  }
}

function refOf(environment: string): string {
  return `gonogo/locks/${environment}`
}

interface Seen {
  sha: string
  holder: PlatformHolder
}

async function read(client: GitHubClient, environment: string): Promise<Seen | null> {
  const found = await wordsAt(client, refOf(environment))
  return found && { sha: found.sha, holder: holderIn(environment, found.sha, found.message) }
}

/** Somebody may be faster each time it looks free; twice in a row says that something is wrong. */
const tries = 3

/** Null when it is ours; else who has it. What GitHub shows decides, never an answer that may be lost. */
async function take(
  client: GitHubClient,
  holder: PlatformHolder,
  mayReplace: (held: PlatformHolder) => boolean,
): Promise<PlatformHolder | null> {
  let refusal: unknown
  for (let attempt = 0; attempt < tries; attempt++) {
    const seen = await read(client, holder.environment)
    if (seen?.holder.id === holder.id) return null
    if (seen && !mayReplace(seen.holder)) return seen.holder
    refusal = await write(client, holder, seen)
    if (refusal === null) return null
  }
  throw refusal
}

/** Null when it was written; why not, when GitHub says that the ref is another one by now. */
async function write(
  client: GitHubClient,
  holder: PlatformHolder,
  seen: Seen | null,
): Promise<unknown> {
  const parents = seen === null ? [] : [seen.sha]
  const sha = await makeWordsCommit(client, holderText(holder), parents)
  const ref = refOf(holder.environment)
  try {
    if (seen === null) await client.send('POST', '/git/refs', { ref: `refs/${ref}`, sha })
    else await client.send('PATCH', '/git/refs/{ref}', { ref, sha, force: false })
    return null
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const status = failureStatus(error)
    const isLost = error.details['outcome'] === 'unknown'
    if (status === 409 || status === 422 || isLost) return error
    throw error
  }
}

async function remove(client: GitHubClient, environment: string): Promise<void> {
  try {
    await client.send('DELETE', '/git/refs/{ref}', { ref: refOf(environment) })
  } catch (error) {
    // Gone already, by somebody's hand.
    const status = error instanceof Failure ? failureStatus(error) : null
    if (status !== 404 && status !== 422) throw error
  }
}

/** A token that may not write refs keeps no deployment from going on, unless policy says so. */
async function withoutLock(
  { settings }: LockDeps,
  memory: LockMemory,
  error: unknown,
): Promise<string> {
  if (!isUnseen(error) || settings.lock === 'required') throw toFailure(error)
  const problem = `GitHub keeps no lock: ${oneLine(error.message, 200)}`
  await memory.remember(problem)
  return problem
}
