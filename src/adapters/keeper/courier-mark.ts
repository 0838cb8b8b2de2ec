import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownerText, parseOwner } from '../../core/lease-owner.ts'
import type { Keepers } from '../../ports/keeper.ts'

/** A file that says which process sends what waits in the outbox, so that no other is started meanwhile. */
export interface CourierMark {
  /** Whether a living process of this machine has set it. */
  isSet(): Promise<boolean>
  /** Sets it for this process, or for the one that it has just started. */
  set(started?: { pid: number; startTime: string | null }): Promise<void>
  /** Takes it away if it is this process's own. */
  clear(): Promise<void>
}

export function createCourierMark(
  directory: string,
  owners: Pick<Keepers, 'self' | 'mayLive'>,
): CourierMark {
  const file = join(directory, 'outbox.owner')
  const read = () => readFile(file, 'utf8').catch(() => null)
  return {
    async isSet() {
      const owner = await read()
      if (owner === null || !(await isOfThisMachine(owner, owners))) return false
      return await owners.mayLive(owner)
    },
    async set(started) {
      const own = await owners.self()
      const owner = started ? ownerOf(own, started) : own
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeFile(file, owner, { mode: 0o600 })
    },
    async clear() {
      if ((await read()) === (await owners.self())) await rm(file, { force: true })
    },
  }
}

/** As the started process will call itself. */
function ownerOf(
  own: string,
  { pid, startTime }: { pid: number; startTime: string | null },
): string {
  const machine = parseOwner(own)?.machine
  return machine === undefined || startTime === null
    ? `keeper pid ${pid}`
    : ownerText({ pid, machine, start_time: startTime })
}

/** Of processes elsewhere nobody here knows whether they live; one too many does no harm. */
async function isOfThisMachine(owner: string, { self }: Pick<Keepers, 'self'>): Promise<boolean> {
  const theirs = parseOwner(owner)
  return theirs !== null && theirs.machine === parseOwner(await self())?.machine
}
