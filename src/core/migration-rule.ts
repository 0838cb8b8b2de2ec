import type { MigrationOperation, MigrationVerdict } from './migration.ts'
import { oneLine } from './text.ts'

/** What one operation means for whoever applies it, and for the release that runs meanwhile. */
export interface Judgement {
  verdict: MigrationVerdict
  /** The lock it takes and what waits for it, or the data it loses; null when there is nothing to tell. */
  effect: string | null
  /** The safer way; empty when there is none to tell. */
  advice: string
  /** The release that runs now no longer works; null: nobody can tell. */
  breaks: boolean | null
}

/** What a kind of operation comes to. */
export type Rule = (operation: MigrationOperation) => Judgement

/**
 * What waits for each lock: PostgreSQL, "Explicit Locking", table 13.2
 * (https://www.postgresql.org/docs/current/explicit-locking.html).
 */
const waiting: Readonly<Record<string, string>> = {
  'ACCESS EXCLUSIVE': 'reads and writes wait',
  EXCLUSIVE: 'writes wait, reads go on',
  'SHARE ROW EXCLUSIVE': 'writes wait, reads go on',
  SHARE: 'writes wait, reads go on',
  'SHARE UPDATE EXCLUSIVE': 'reads and writes go on',
  'ROW EXCLUSIVE': 'reads and other writes go on',
  'ROW SHARE': 'reads and writes go on',
  'ACCESS SHARE': 'reads and writes go on',
}

/** Such as `takes SHARE on visits while the index is built: writes wait, reads go on`. */
export function takes(lock: string, where: string, how: string): string {
  const effect = waiting[lock]
  return `takes ${lock} on ${where} ${how}${effect === undefined ? '' : `: ${effect}`}`
}

/** A lock that is held no longer than the change of a catalogue, and still has to be got. */
export function takesBriefly(lock: string, where: string): string {
  return takes(lock, where, 'until the transaction ends')
}

/** The table an operation is about, as it is shown. */
export function tableOf({ table }: Pick<MigrationOperation, 'table'>): string {
  return table === null ? 'the table' : oneLine(table, 80)
}

/** The column, constraint or index, as it is shown. */
export function nameOf({ name }: Pick<MigrationOperation, 'name'>, otherwise: string): string {
  return name === null ? otherwise : oneLine(name, 80)
}

export function safe(breaks: boolean | null = false, effect: string | null = null): Judgement {
  return { verdict: 'safe', effect, advice: '', breaks }
}

export function review(effect: string, advice: string, breaks: boolean | null = false): Judgement {
  return { verdict: 'needs_review', effect, advice, breaks }
}

export function destroys(effect: string, advice: string, breaks: boolean | null): Judgement {
  return { verdict: 'destructive', effect, advice, breaks }
}

export function cannotTell(effect: string | null, advice: string): Judgement {
  return { verdict: 'unknown', effect, advice, breaks: null }
}

/** What hurts about a short lock is the queue behind it. */
export const queueAdvice =
  'set lock_timeout before it, so that it gives up instead of queueing everybody behind it'
