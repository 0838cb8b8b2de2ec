import type { Stats } from 'node:fs'
import { access, constants, lstat, readlink } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'

/** A user as file permissions see them. */
export interface Identity {
  uid: number
  gids: readonly number[]
  /** True for the user of this process, about whom the system itself can be asked. */
  self?: boolean
}

/** The user this process runs as; null where the system knows no such users. */
export function processIdentity(): Identity | null {
  const uid = process.geteuid?.()
  const gid = process.getegid?.()
  if (uid === undefined || gid === undefined) return null
  return { uid, gids: [gid, ...(process.getgroups?.() ?? [])], self: true }
}

const mostLinks = 40

/** What was looked at on the way to one file need not be looked at again for the next. */
interface Looks {
  look: (path: string) => Promise<Looked | 'unknown'>
  writable: (path: string, stat: Stats, who: Identity) => Promise<boolean>
}

/**
 * Whether a user can change what is read at a path: by writing the file, or by putting something else
 * in the place of the file or of any directory or link on the way to it. When in doubt, they can. For one
 * judgement over many files: each directory on the way to them is looked at once.
 */
export function reachOf(who: Identity): (path: string) => Promise<boolean> {
  const looks: Looks = { look: remembering(look), writable: remembering(writable) }
  return (path) => withinReach(path, who, looks)
}

/** By the first argument, a path. */
function remembering<Rest extends unknown[], T>(
  ask: (path: string, ...rest: Rest) => Promise<T>,
): (path: string, ...rest: Rest) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (path, ...rest) => {
    const answer = known.get(path) ?? ask(path, ...rest)
    known.set(path, answer)
    return answer
  }
}

async function withinReach(path: string, who: Identity, looks: Looks): Promise<boolean> {
  const root: Entry = { path: '/', stat: await lstat('/') }
  let directory = root
  if (who.uid === 0 || directory.stat.uid === who.uid) return true
  const rest = segments(resolve(path))
  for (let links = 0; rest.length > 0;) {
    const entry = await looks.look(resolve(directory.path, rest.shift()!))
    if (entry === 'unknown' || (await replaceable(entry, directory, who, looks))) return true
    if (!entry.stat) return false
    if (entry.stat.isSymbolicLink()) {
      const target = await readlink(entry.path)
      rest.unshift(...segments(target))
      if (isAbsolute(target)) directory = root
      if (++links > mostLinks) return true
    } else {
      // Whether a directory may be written to is judged with what is looked up in it.
      const passed = entry.stat.isDirectory() && rest.length > 0
      if (!passed && (await looks.writable(entry.path, entry.stat, who))) return true
      directory = { path: entry.path, stat: entry.stat }
    }
  }
  return false
}

interface Entry {
  path: string
  stat: Stats
}

type Looked = { path: string; stat: Stats | null }

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

async function look(path: string): Promise<Looked | 'unknown'> {
  try {
    return { path, stat: await lstat(path) }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? { path, stat: null } : 'unknown'
  }
}

/** An owner can always give themselves the right to write, so owning is as good as writing. */
async function replaceable(
  entry: Looked,
  directory: Entry,
  who: Identity,
  looks: Looks,
): Promise<boolean> {
  if (entry.stat?.uid === who.uid) return true
  // In a sticky directory (/tmp) what others own stays in its place, but a new name can be created.
  const sticky = (directory.stat.mode & 0o1000) !== 0
  if (entry.stat && sticky) return false
  return await looks.writable(directory.path, directory.stat, who)
}

async function writable(path: string, stat: Stats, who: Identity): Promise<boolean> {
  const bit = who.gids.includes(stat.gid) ? 0o020 : 0o002
  if ((stat.mode & bit) !== 0) return true
  if (!who.self) return false
  // Access control lists do not show in the mode.
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
}
