import { rm } from 'node:fs/promises'
import { Failure } from '../../../core/failure.ts'
import { createFile, readText } from '../files.ts'

/** How long whoever asked first may take, or GitHub may take to show what was asked for. */
const settleMs = 120_000

/** A lost answer may cost a second try, never a third. */
const tries = 2

export interface Change {
  /** Path of the files that remember it; each try and the result have an ending of their own. */
  path: string
  now: number
  /** A new name for a temporary file. */
  tag: () => string
  /** What it made, when GitHub shows that it was made; null when not. */
  find: () => Promise<string | null>
  /** Sends it and gives the id of what was made. */
  send: () => Promise<string>
}

/**
 * Makes a change at most once, whoever else is at it: the intent is on disk before it is sent, and an
 * intent without a result is looked up before anything is sent again. Null when somebody else is at it,
 * or when it did not happen.
 */
export async function once(change: Change): Promise<string | null> {
  const { path, now, tag, find, send } = change
  const done = await readText(`${path}.done`)
  if (done !== null) return done
  for (let attempt = 1; attempt <= tries; attempt++) {
    const intent = `${path}.${attempt}`
    if (await createFile(intent, String(now), tag())) {
      return await keep(change, await send().catch((error) => withdraw(intent, error)))
    }
    const found = await find()
    if (found !== null) return await keep(change, found)
    if (now - Number(await readText(intent)) < settleMs) return null
  }
  return null
}

/** What GitHub refused did not happen, and may be asked for again. */
async function withdraw(intent: string, error: unknown): Promise<never> {
  const refused = error instanceof Failure && error.details['outcome'] === 'refused'
  if (refused) await rm(intent, { force: true })
  throw error
}

async function keep({ path, tag }: Change, id: string): Promise<string> {
  await createFile(`${path}.done`, id, tag())
  return id
}
