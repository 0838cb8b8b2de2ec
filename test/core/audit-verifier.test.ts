import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { crypto } from '../../src/adapters/runtime/crypto.ts'
import { auditGenesis, auditText, type AuditLine } from '../../src/core/audit.ts'
import {
  logVerifier,
  openCheckpoints,
  type FoundCheckpoint,
} from '../../src/core/audit-verifier.ts'
import { checkpointText } from '../../src/core/checkpoint.ts'
import { emptyFrontier, grow, leafHash, rootOf } from '../../src/core/merkle.ts'
import { noteKey, signNote, type NoteKey } from '../../src/core/signed-note.ts'

const origin = 'gonogo/clinic'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A key from one byte, so that every run has the same. */
function keyFrom(byte: number) {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.alloc(32, byte),
  ])
  const secret = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const bytes = createPublicKey(secret).export({ type: 'spki', format: 'der' }).subarray(-32)
  const key = noteKey(crypto, origin, bytes)
  return { key, sign: (message: Uint8Array) => sign(null, message, secret) }
}

const ours = keyFrom(1)
const forgers = keyFrom(2)

function checkpointOf(lines: readonly string[], by = ours): string {
  const tree = lines.reduce(
    (at, line) => grow(crypto.sha256, at, leafHash(crypto.sha256, crypto.utf8(line))),
    emptyFrontier,
  )
  const root = rootOf(crypto.sha256, tree)
  const body = checkpointText({ origin, size: lines.length, root })
  return signNote(crypto, body, by.key, by.sign)
}

/** Lines as a log would write them: whoever forges does the same. */
function chained(users: readonly string[]): string[] {
  let prev = auditGenesis
  return users.map((user, index) => {
    const line: AuditLine = {
      operation: 'promote_to_production',
      user,
      environment: 'production',
      success: true,
      phase: 'result',
      details: { number: index },
      request_id: `req_${index}`,
      correlation_id: null,
      dry_run: false,
      approval: null,
      seq: index + 1,
      prev,
      timestamp: '2030-01-01T00:00:00.000Z',
    }
    const text = auditText(line)
    prev = sha256(text)
    return text
  })
}

const users = Array.from({ length: 5 }, (_, at) => `human:${String.fromCharCode(97 + at)}`)
const log = chained(users)
const at = (note: string, place = 'elsewhere'): FoundCheckpoint => ({
  place,
  anchor: true,
  shared: false,
  note,
})
const anchors = [at(checkpointOf(log.slice(0, 3))), at(checkpointOf(log))]
const known = openCheckpoints(crypto, anchors, [ours.key])

/** What verify says of a file with these bytes. */
function verdictOf(bytes: Buffer, opened = known) {
  const verifier = logVerifier({ crypto, sha256 }, opened)
  let rest = bytes
  for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
    verifier.push(rest.subarray(0, end), rest.toString('utf8', 0, end))
    rest = rest.subarray(end + 1)
  }
  return { ...verifier.end(), unfinished: rest.length }
}

const fileOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))
const found = (verdict: ReturnType<typeof verdictOf>) =>
  !verdict.consistent || verdict.unfinished > 0

/** Numbers that look random and are the same in every run. */
function numbers(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const byLines = (changed: readonly string[]) =>
  Buffer.from(changed.map((line) => `${line}\n`).join(''), 'latin1')

function mutated(bytes: Buffer, next: (below: number) => number): Buffer {
  const lines = bytes.toString('latin1').split('\n').slice(0, -1)
  const [one, other] = [next(lines.length), next(lines.length)]
  const place = next(bytes.length)
  switch (next(9)) {
    case 0:
      return byLines(lines.toSpliced(one, 1))
    case 1:
      return byLines(lines.toSpliced(one, 0, lines[other]!))
    case 2:
      return byLines(lines.with(one, lines[other]!).with(other, lines[one]!))
    case 3:
      return byLines(lines.slice(0, one))
    case 4:
      return bytes.subarray(0, place)
    case 5:
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1 + next(5))])
    case 6:
      return Buffer.concat([
        bytes.subarray(0, place),
        Buffer.from([next(256)]),
        bytes.subarray(place),
      ])
    case 7: {
      // A field changed and the line written as the log would.
      const line = { ...(JSON.parse(lines[one]!) as AuditLine), user: `human:${next(3)}` }
      return byLines(lines.with(one, auditText(line)))
    }
    default: {
      const changed = Buffer.from(bytes)
      changed[place] = next(256)
      return changed
    }
  }
}

describe('an anchored log', () => {
  it('agrees with its checkpoints as it was written', () => {
    expect(verdictOf(fileOf(log))).toMatchObject({
      consistent: true,
      anchored: true,
      sealed_lines: 5,
      lines: 5,
    })
  })

  it('shows each of 10,000 random edits', () => {
    const file = fileOf(log)
    const next = numbers(20_301_122)
    const missed: string[] = []
    let same = 0
    for (let round = 0; round < 10_000; round++) {
      const changed = mutated(file, next)
      if (changed.equals(file)) same += 1
      else if (!found(verdictOf(changed))) missed.push(changed.toString('latin1'))
    }
    expect(missed).toEqual([])
    // Few edits undo themselves: the others were really looked at.
    expect(same).toBeLessThan(1_000)
  })

  it('shows each of 1,000 forgeries that were chained and signed anew', () => {
    const next = numbers(7)
    const missed: number[] = []
    for (let round = 0; round < 1_000; round++) {
      const length = 5 + next(3)
      const others = Array.from({ length }, (_, index) => users[index] ?? 'human:z')
      const target = next(users.length)
      const forged = chained(
        next(4) === 0 ? users.slice(0, 1 + target).slice(0, 4) : others.with(target, 'human:eve'),
      )
      const own = checkpointOf(forged, next(2) === 0 ? forgers : ours)
      // Beside the log lies the forger's checkpoint; the anchor, or the kept key, is not in reach.
      const beside = { ...at(own, 'beside'), anchor: false }
      const places = [
        [beside, ...anchors],
        [beside, anchors[1]!],
      ][next(2)]!
      const verdict = verdictOf(fileOf(forged), openCheckpoints(crypto, places, [ours.key]))
      if (verdict.consistent) missed.push(round)
    }
    expect(missed).toEqual([])
  })

  it('is told apart from a forgery by the key alone where the forger took the anchors, too', () => {
    const forged = chained(users.with(2, 'human:eve'))
    const own = [at(checkpointOf(forged, forgers))]
    const as = (key: NoteKey) => verdictOf(fileOf(forged), openCheckpoints(crypto, own, [key]))
    expect(as(forgers.key)).toMatchObject({ consistent: true, anchored: true })
    expect(as(ours.key)).toMatchObject({ consistent: false, anchored: false })
  })
})

const lineOf = (lines: readonly string[]) => verdictOf(fileOf(lines)).problems[0]

describe('the first bad line', () => {
  it('is the changed one where the chain tells', () => {
    expect(lineOf(log.with(3, log[3]!.replace('human:d', 'human:g')))).toMatchObject({ line: 4 })
  })

  it('is the first after the last good checkpoint where only the tree tells', () => {
    expect(lineOf(chained(users.with(4, 'human:eve')))).toEqual({
      line: 4,
      problem: 'lines 4 to 5 are not what the checkpoint at elsewhere covers',
    })
  })

  it('is the first that is missing where the tail was cut', () => {
    expect(lineOf(log.slice(0, 4))).toEqual({
      line: 5,
      problem: expect.stringContaining('covers 5, 4 are left'),
    })
  })
})

describe('checkpoints of others', () => {
  const foreign = checkpointOf(log, forgers)

  it('are a problem where only this log has a place', () => {
    const opened = openCheckpoints(crypto, [...anchors, at(foreign)], [ours.key])
    expect(verdictOf(fileOf(log), opened)).toMatchObject({
      consistent: false,
      problems: [{ problem: expect.stringContaining('another key') }],
    })
  })

  it('are told where several logs have theirs', () => {
    const shared = { ...at(foreign), shared: true }
    const opened = openCheckpoints(crypto, [...anchors, shared, shared], [ours.key])
    expect(verdictOf(fileOf(log), opened)).toMatchObject({
      consistent: true,
      unknown_keys: [expect.stringMatching(/^gonogo\/clinic\+[0-9a-f]{8}$/)],
    })
  })

  it('that were changed are a problem anywhere', () => {
    const changed = { ...at(anchors[1]!.note.replace('\n5\n', '\n6\n')), shared: true }
    const opened = openCheckpoints(crypto, [changed], [ours.key])
    expect(verdictOf(fileOf(log), opened)).toMatchObject({ consistent: false, anchored: false })
  })
})
