import { userInfo } from 'node:os'

/** The user's name. Containers often run as a user that no list of users has: then `uid-1000`. */
export function userName(read: () => { username: string } = userInfo): string {
  try {
    return read().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
