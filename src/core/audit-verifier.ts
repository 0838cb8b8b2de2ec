import {
  chainVerifier,
  type AuditProblem,
  type AuditVerdict,
  type CheckedCheckpoint,
} from './audit.ts'
import { sameBytes } from './base64.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Crypto } from './crypto.ts'
import { emptyFrontier, grow, leafHash, rootOf } from './merkle.ts'
import type { NoteKey, NoteProblem } from './signed-note.ts'

/** A checkpoint as it was found somewhere, before anything of it is believed. */
export interface FoundCheckpoint {
  place: string
  /** Kept where whoever writes the log does not keep it by itself. */
  anchor: boolean
  /** Other logs keep theirs in the same place: what another key signed may be about those. */
  shared: boolean
  note: string
}

/** Checkpoints that speak of this log, those that are none, and who signed the others. */
export interface OpenedCheckpoints {
  claims: Claim[]
  unusable: CheckedCheckpoint[]
  unknown_keys: string[]
}

interface Claim {
  place: string
  anchor: boolean
  size: number
  root: Uint8Array
}

const said: Record<NoteProblem, string> = {
  malformed: 'is no checkpoint of a log',
  bad_signature: 'was changed: its signature is not of this text',
  unknown_key: 'is signed by another key than the log is known by',
}

/** Believes what one of the keys signed. */
export function openCheckpoints(
  crypto: Crypto,
  found: readonly FoundCheckpoint[],
  keys: readonly NoteKey[],
): OpenedCheckpoints {
  const opened: OpenedCheckpoints = { claims: [], unusable: [], unknown_keys: [] }
  for (const { place, anchor, shared, note } of found) {
    const checkpoint = openCheckpoint(crypto, note, keys)
    if (!('problem' in checkpoint)) {
      const { size, root } = checkpoint
      opened.claims.push({ place, anchor, size, root })
    } else if (shared && checkpoint.problem === 'unknown_key') {
      opened.unknown_keys.push(...checkpoint.signers)
    } else {
      const problem = said[checkpoint.problem]
      opened.unusable.push({ place, anchor, size: 0, problem })
    }
  }
  opened.claims.sort((left, right) => left.size - right.size)
  opened.unknown_keys = [...new Set(opened.unknown_keys)]
  return opened
}

/** Verifies a log line by line against its own chain and against checkpoints; needs no memory. */
export interface LogVerifier {
  /** Takes the next line without its newline, as bytes and as text; returns the line's hash. */
  push(bytes: Uint8Array, text: string): string
  end(): Omit<AuditVerdict, 'unread'>
}

interface Hashes {
  crypto: Crypto
  /** Hex SHA-256 of a text. */
  sha256: (text: string) => string
}

export function logVerifier({ crypto, sha256 }: Hashes, opened: OpenedCheckpoints): LogVerifier {
  const chain = chainVerifier(sha256)
  const checked: CheckedCheckpoint[] = []
  const problems: { from: number; to: number; problem: string }[] = []
  let tree = emptyFrontier
  let next = 0
  let agreed = 0
  const compare = () => {
    for (; opened.claims[next]?.size === tree.size; next++) {
      const { root, ...claim } = opened.claims[next]!
      const same = sameBytes(root, rootOf(crypto.sha256, tree))
      const problem = same ? null : differs(agreed, claim)
      if (same) agreed = tree.size
      else problems.push({ from: agreed + 1, to: claim.size, problem: problem! })
      checked.push({ ...claim, problem })
    }
  }
  compare()
  return {
    push(bytes, text) {
      tree = grow(crypto.sha256, tree, leafHash(crypto.sha256, bytes))
      compare()
      return chain.push(text)
    },
    end() {
      for (const { root: _, ...claim } of opened.claims.slice(next)) {
        const problem = isMissing(claim, tree.size)
        problems.push({ from: tree.size + 1, to: claim.size, problem })
        checked.push({ ...claim, problem })
      }
      const all = { ...opened, checked, problems, agreed }
      return verdictOf(chain.end(), all)
    },
  }
}

function differs(agreed: number, { place, size }: Omit<Claim, 'root'>): string {
  const where = agreed + 1 === size ? `line ${size} is` : `lines ${agreed + 1} to ${size} are`
  return `${where} not what the checkpoint at ${place} covers`
}

function isMissing({ place, size }: Omit<Claim, 'root'>, lines: number): string {
  return `the newest lines are missing: the checkpoint at ${place} covers ${size}, ${lines} are left`
}

interface Seals extends OpenedCheckpoints {
  checked: CheckedCheckpoint[]
  problems: { from: number; to: number; problem: string }[]
  agreed: number
}

function verdictOf(chain: ReturnType<ReturnType<typeof chainVerifier>['end']>, seals: Seals) {
  const { checked, unusable, unknown_keys, agreed } = seals
  const problems = [
    ...chain.problems,
    ...sealProblems(chain.problems, seals),
    ...unusable.map(({ place, problem }) => ({
      line: agreed + 1,
      problem: `the checkpoint at ${place} ${problem}`,
    })),
  ]
  return {
    ...chain,
    consistent: problems.length === 0,
    problems,
    anchored: checked.some(({ anchor, problem }) => anchor && problem === null),
    sealed_lines: agreed,
    checkpoints: [...checked, ...unusable],
    unknown_keys,
  }
}

/** A checkpoint knows only that some line up to it is not the one it covers; the chain may know which. */
function sealProblems(known: readonly AuditProblem[], { problems }: Seals): AuditProblem[] {
  const named = (from: number, to: number) => known.some(({ line }) => line >= from && line <= to)
  return problems
    .filter(({ from, to }) => !named(from, to))
    .slice(0, 1)
    .map(({ from, problem }) => ({ line: from, problem }))
}
