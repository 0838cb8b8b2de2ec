import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { crypto } from '../../../src/adapters/runtime/crypto.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { verifyAuditProof } from '../../../src/core/audit-proof.ts'
import { auditGenesis, auditText, type AuditLine } from '../../../src/core/audit.ts'
import { parseNoteKeys, splitNotes } from '../../../src/core/signed-note.ts'
import type { PlatformAnchors } from '../../../src/ports/pipeline.ts'
import { auditPolicyFor } from '../../support/audit-log.ts'
import { until } from '../../support/until.ts'
import { event, logOf, openLog, temporaryDirectory } from './fixtures.ts'

const sha256 = (text: string) => createRuntime().sha256(text)
const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n')
const notesOf = (path: string) => splitNotes(readFileSync(path, 'utf8'))
const sizes = (path: string) => notesOf(path).map((note) => Number(note.split('\n')[1]))

/** A log that seals every third line and anchors in a file of another directory. */
function sealedLog(change: Parameters<typeof auditPolicyFor>[1] = {}) {
  const path = join(temporaryDirectory(), 'audit.jsonl')
  const kept = join(temporaryDirectory(), 'kept.txt')
  const anchors = { github_deployment: true, git_ref: null, file: kept, stderr: false }
  const policy = auditPolicyFor(path, { checkpoint: { lines: 3, minutes: 10 }, anchors, ...change })
  return { path, kept, policy, log: openLog(path, { policy }) }
}

async function filled(count: number, change: Parameters<typeof auditPolicyFor>[1] = {}) {
  const made = sealedLog(change)
  for (let number = 1; number <= count; number++)
    await made.log.append(event({ details: { number } }))
  if (count >= 3)
    await until('it is told', async () => (await made.log.status()).anchors.length > 0)
  return made
}

/** All lines after `from` anew, in a chain that holds: what a forger does who knows how. */
function rewrite(path: string, from: number, user: string): void {
  let prev = auditGenesis
  const texts = linesOf(path).map((text, index) => {
    const line = { ...(JSON.parse(text) as AuditLine), prev }
    const forged = index + 1 === from ? auditText({ ...line, user }) : auditText(line)
    prev = sha256(forged)
    return forged
  })
  writeFileSync(path, texts.map((text) => `${text}\n`).join(''))
  rmSync(`${path}.lock.db`)
}

describe('checkpoints', () => {
  it('are signed after so many lines, and kept beside the log and at the anchor', async () => {
    const { path, kept, log } = await filled(7)
    expect(sizes(`${path}.checkpoints`)).toEqual([3, 6])
    await until('it is told', async () => sizes(kept).length === 2)
    expect(readFileSync(kept, 'utf8')).toBe(readFileSync(`${path}.checkpoints`, 'utf8'))
    expect(await log.verify()).toMatchObject({
      consistent: true,
      anchored: true,
      lines: 7,
      sealed_lines: 6,
    })
  })

  it('are signed after so long, with the next line', async () => {
    const { path, policy } = sealedLog()
    let now = Date.parse('2030-01-01T00:00:00Z')
    const runtime = { ...createRuntime(), now: () => now }
    const log = openLog(path, { runtime, policy })
    await log.append(event())
    now += 9 * 60_000
    await log.append(event())
    expect((await log.status()).checkpoint).toBe(null)
    now += 60_000
    await openLog(path, { runtime, policy }).append(event({ details: {} }))
    expect((await log.status()).checkpoint).toEqual({ size: 3, at: now })
  })

  it('are made by hand, once for each size, and for no empty log', async () => {
    const { path, kept, log } = sealedLog()
    expect(await log.checkpoint()).toBe(null)
    writeFileSync(path, '')
    expect(await log.checkpoint()).toBe(null)
    await log.append(event())
    const made = await log.checkpoint()
    expect(made).toMatchObject({ size: 1, anchored_at: [kept], problems: [] })
    expect(await log.checkpoint()).toEqual(made)
    expect(notesOf(`${path}.checkpoints`)).toEqual([made!.note])
    expect(made!.note).toMatch(/^gonogo\/clinic\n1\n[\w+/]{43}=\n\n\u2014 gonogo\/clinic \S+\n$/)
  })

  it('are signed with a key that nobody else reads, and whose public half lies beside it', async () => {
    const { policy, log } = await filled(3)
    expect(statSync(policy.key_file).mode & 0o777).toBe(0o600)
    const { public_key } = await log.status()
    expect(readFileSync(`${policy.key_file}.pub`, 'utf8')).toBe(`${public_key}\n`)
  })

  it('of a key that was lost stay good when there is a new one', async () => {
    const { policy, log } = await filled(3)
    rmSync(policy.key_file)
    await log.append(event())
    await log.checkpoint()
    expect(readFileSync(`${policy.key_file}.pub`, 'utf8').split('\n')).toHaveLength(3)
    expect(await log.verify()).toMatchObject({ consistent: true, anchored: true, sealed_lines: 4 })
  })

  it('go on after the lock database was lost', async () => {
    const { path, log } = await filled(4)
    rmSync(`${path}.lock.db`)
    for (let line = 0; line < 3; line++) await log.append(event())
    await log.checkpoint()
    expect(await log.verify()).toMatchObject({ consistent: true, sealed_lines: 8 })
  })
})

describe('an append', () => {
  it('goes through when no checkpoint can be signed, and the trouble is told', async () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'no-key'), 'noise')
    const { log } = sealedLog({ key_file: join(directory, 'no-key') })
    for (let line = 0; line < 4; line++) await log.append(event())
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 4, anchored: false })
    await until('it is told', async () =>
      (await log.status()).anchors.some(({ problem }) => problem !== null),
    )
    await expect(log.checkpoint()).rejects.toMatchObject({ code: 'audit_unavailable' })
  })

  it('does not wait for an anchor that never answers', async () => {
    const { path, policy } = sealedLog()
    const platform: PlatformAnchors = {
      put: () => new Promise(() => undefined),
      list: async () => ({ found: [], unread: [] }),
    }
    const log = openLog(path, { policy, platform })
    const begin = performance.now()
    for (let line = 0; line < 7; line++) await log.append(event())
    // An anchor gets ten seconds.
    expect(performance.now() - begin).toBeLessThan(9_000)
    expect(sizes(`${path}.checkpoints`)).toEqual([3, 6])
  })
})

function platformOf(notes: { place: string; checkpoint: string }[], fails = false) {
  const platform: PlatformAnchors = {
    async put(checkpoint) {
      if (fails) throw new Error('no permission')
      notes.push({ place: `status ${notes.length}`, checkpoint })
      return [{ place: 'status' }]
    },
    async list() {
      if (fails) throw new Error('no permission')
      return { found: notes, unread: [] }
    },
  }
  return platform
}

describe('anchors', () => {
  it('on the platform are written to and read back', async () => {
    const { path, policy } = sealedLog()
    const notes: { place: string; checkpoint: string }[] = []
    const log = openLog(path, { policy, platform: platformOf(notes) })
    for (let line = 0; line < 2; line++) await log.append(event())
    expect((await log.checkpoint())?.anchored_at).toContain('status')
    expect((await log.verify()).checkpoints).toContainEqual({
      place: 'status 0',
      anchor: true,
      size: 2,
      problem: null,
    })
  })

  it('that fail are told, and keep nothing from being verified', async () => {
    const { path, policy } = sealedLog()
    const log = openLog(path, { policy, platform: platformOf([], true) })
    await log.append(event())
    expect(await log.checkpoint()).toMatchObject({ problems: ['platform: no permission'] })
    expect(await log.verify()).toMatchObject({
      consistent: true,
      anchored: true,
      unread: ['platform: no permission'],
    })
    expect((await log.status()).anchors).toContainEqual(
      expect.objectContaining({ place: 'platform', problem: 'no permission' }),
    )
  })

  it('of another log in the same place leave open whose they are, until a kept key tells', async () => {
    const notes: { place: string; checkpoint: string }[] = []
    const others = await logOf(2, { platform: platformOf(notes) })
    await others.checkpoint()
    const { path, policy } = sealedLog()
    const log = openLog(path, { policy, platform: platformOf(notes) })
    await log.append(event())
    await log.checkpoint()
    expect(await log.verify()).toMatchObject({
      consistent: true,
      anchored: false,
      unknown_keys: [expect.stringContaining('gonogo/clinic+')],
    })
    const publicKey = join(temporaryDirectory(), 'kept.pub')
    copyFileSync(`${policy.key_file}.pub`, publicKey)
    expect(await log.verify({ publicKey })).toMatchObject({ consistent: true, anchored: true })
  })

  it('are none beside the log', async () => {
    const path = join(temporaryDirectory(), 'audit.jsonl')
    const file = join(dirname(path), 'kept.txt')
    const anchor = { github_deployment: true, git_ref: null, file, stderr: false }
    const log = openLog(path, { policy: auditPolicyFor(path, { anchors: anchor }) })
    await log.append(event())
    await log.checkpoint()
    expect(await log.verify()).toMatchObject({ consistent: true, anchored: false, sealed_lines: 1 })
  })

  it('on standard error are the note itself', async () => {
    const path = join(temporaryDirectory(), 'audit.jsonl')
    const anchor = { github_deployment: true, git_ref: null, file: null, stderr: true }
    const told: string[] = []
    const policy = auditPolicyFor(path, { anchors: anchor })
    const log = openLog(path, { policy, tell: (line) => told.push(line) })
    await log.append(event())
    const made = await log.checkpoint()
    expect(told.join('\n')).toContain(made!.note.trimEnd())
  })
})

describe('verify finds in an anchored log', () => {
  it('what was rewritten from a line on, with the lock database removed', async () => {
    const { path, log } = await filled(7)
    rewrite(path, 5, 'human:eve')
    expect((await log.verify()).problems).toEqual([
      { line: 4, problem: expect.stringMatching(/^lines 4 to 6 are not what the checkpoint/) },
    ])
  })

  it('what was cut, checkpoints beside the log included', async () => {
    const { path, log } = await filled(7)
    truncateSync(path, Buffer.byteLength(`${linesOf(path).slice(0, 4).join('\n')}\n`))
    rmSync(`${path}.lock.db`)
    rmSync(`${path}.checkpoints`)
    expect((await log.verify()).problems).toMatchObject([
      { line: 5, problem: expect.stringContaining('covers 6, 4 are left') },
    ])
  })

  it('a replaced checkpoint', async () => {
    const { path, log } = await filled(6)
    const notes = readFileSync(`${path}.checkpoints`, 'utf8')
    writeFileSync(`${path}.checkpoints`, notes.replace('\n6\n', '\n5\n'))
    expect((await log.verify()).problems).toMatchObject([
      { problem: expect.stringContaining('its signature is not of this text') },
    ])
  })

  it('a forgery that is signed with another key', async () => {
    const { path, kept, policy, log } = await filled(6)
    const publicKey = join(dirname(kept), 'kept.pub')
    copyFileSync(`${policy.key_file}.pub`, publicKey)
    for (const file of [policy.key_file, `${policy.key_file}.pub`, `${path}.checkpoints`])
      rmSync(file)
    rewrite(path, 5, 'human:eve')
    await log.checkpoint()
    expect((await log.verify()).consistent).toBe(false)
    // With the anchor in reach, too, only what a person kept tells.
    writeFileSync(kept, readFileSync(`${path}.checkpoints`, 'utf8'))
    expect(await log.verify()).toMatchObject({ consistent: true, anchored: true })
    expect((await log.verify({ publicKey })).consistent).toBe(false)
  })

  it('nothing wrong with a checkpoint that a person kept, and much with a wrong one', async () => {
    const { log } = await filled(2)
    const file = join(temporaryDirectory(), 'kept.txt')
    writeFileSync(file, (await log.checkpoint())!.note)
    await log.append(event())
    const kept = { checkpoints: [file] }
    expect(await log.verify(kept)).toMatchObject({ consistent: true, anchored: true })
    appendFileSync(file, 'noise\n')
    expect((await log.verify(kept)).consistent).toBe(false)
    writeFileSync(file, '')
    await expect(log.verify(kept)).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(log.verify({ publicKey: file })).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('prove', () => {
  it('shows lines under a checkpoint, signing one only when none covers them', async () => {
    const { path, log } = await filled(7)
    const covered = await log.prove([2, 5])
    expect(sizes(`${path}.checkpoints`)).toEqual([3, 6])
    expect(covered.lines.map(({ seq, text }) => [seq, text])).toEqual(
      [2, 5].map((seq) => [seq, linesOf(path)[seq - 1]]),
    )
    const keys = parseNoteKeys(crypto, covered.public_key)
    expect(verifyAuditProof(crypto, covered, keys)).toMatchObject({
      checkpoint: { origin: 'gonogo/clinic', size: 6 },
      problems: [],
    })
    await log.prove([7])
    expect(sizes(`${path}.checkpoints`)).toEqual([3, 6, 7])
  })

  it('holds for no other text, place, path or key', async () => {
    const { log } = await filled(7)
    const proof = await log.prove([2, 5])
    const keys = parseNoteKeys(crypto, proof.public_key)
    const [two, five] = [proof.lines[0]!, proof.lines[1]!]
    for (const line of [
      { ...two, text: two.text.replace('claude', 'nobody') },
      { ...two, seq: 3 },
      { ...two, seq: 0 },
      { ...two, path: five.path },
      { ...two, path: [...two.path, 'noise'] },
    ])
      expect(verifyAuditProof(crypto, { ...proof, lines: [line] }, keys).problems).toHaveLength(1)
    expect(verifyAuditProof(crypto, proof, [])).toMatchObject({ checkpoint: null })
  })

  it('refuses lines that are not there, and a log that is not what its checkpoint covers', async () => {
    const { path, log } = await filled(6)
    await expect(log.prove([7])).rejects.toMatchObject({ code: 'invalid_input' })
    rewrite(path, 2, 'human:eve')
    await expect(log.prove([5])).rejects.toMatchObject({
      code: 'audit_unavailable',
      hint: expect.stringContaining('gonogo audit verify'),
    })
  })
})
