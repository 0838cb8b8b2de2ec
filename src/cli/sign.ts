import { homedir } from 'node:os'
import { join } from 'node:path'
import { oneLine } from '../core/text.ts'
import { ask, declined } from './ask.ts'
import type { Session } from './session.ts'

/** The flags of every command that ends in a signature. */
export interface SignOptions {
  /** Private key file; default: the user's Ed25519 key. */
  key?: string
  /** The name that has to be typed, given beforehand. */
  confirm?: string
}

/** The key to sign with. */
export function keyFileOf({ key }: SignOptions): string {
  return key ?? join(homedir(), '.ssh', 'id_ed25519')
}

/** Has a name typed, so that nobody signs by habit; `what` is declined by any other answer. */
export async function confirmByName(
  { surface, again }: Pick<Session, 'surface' | 'again'>,
  { confirm }: SignOptions,
  { name, question, what }: { name: string; question: string; what: string },
): Promise<void> {
  const typed = confirm ?? (await ask(surface, question, again('--confirm', name)))
  if (typed !== name) throw declined(what, mistyped(typed, name))
}

/** Somebody who meant to sign has to learn why nothing was signed. */
function mistyped(typed: string, name: string): string {
  return typed === '' ? '' : `: "${oneLine(typed, 60)}" is not "${name}"`
}
