import { createPrivateKey, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { crypto } from '../../src/adapters/runtime/crypto.ts'
import { checkpointText, openCheckpoint, parseCheckpoint } from '../../src/core/checkpoint.ts'
import {
  noteKey,
  noteKeyText,
  openNote,
  parseNoteKey,
  parseNoteKeys,
  signNote,
  splitNotes,
} from '../../src/core/signed-note.ts'

// The published example of signed notes: key, text and signature.
const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1)
const text =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n"
const note =
  `${text}\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ` +
  'SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
const secret = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
const key = parseNoteKey(crypto, vkey)!
const signed = (body: string, name = 'PeterNeumann') =>
  signNote(crypto, body, noteKey(crypto, name, key.publicKey), (bytes) => sign(null, bytes, secret))

describe('the published note', () => {
  it('is opened with its key, and signed byte for byte', () => {
    expect(openNote(crypto, note, [key])).toEqual({ text, signedBy: [key] })
    expect(signed(text)).toBe(note)
    expect(noteKeyText(key)).toBe(vkey)
  })

  it('is not opened after any change', () => {
    for (let at = 0; at < note.length; at++) {
      const changed = note.slice(0, at) + (note[at] === 'A' ? 'B' : 'A') + note.slice(at + 1)
      expect(openNote(crypto, changed, [key])).toHaveProperty('problem')
    }
    for (const cut of [note.slice(0, -1), note.slice(1), `${note}x`, `${note}\n`, text, ''])
      expect(openNote(crypto, cut, [key])).toHaveProperty('problem')
    const control = note.replace('think', 'th\u001b[2Jink')
    expect(openNote(crypto, control, [key])).toMatchObject({ problem: 'malformed' })
  })

  it('may have signatures of others, and needs one of ours', () => {
    const other = signed(text, 'Witness').slice(text.length + 1)
    expect(openNote(crypto, note + other, [key])).toMatchObject({ signedBy: [key] })
    expect(openNote(crypto, text + '\n' + other, [key])).toMatchObject({
      problem: 'unknown_key',
      signers: [expect.stringMatching(/^Witness\+[0-9a-f]{8}$/)],
    })
  })
})

it('reads no part of a key, no other kind and none with a false id', () => {
  for (let from = 0; from < vkey.length; from++)
    for (let to = from + 1; to <= vkey.length; to++)
      if (to - from < vkey.length) expect(parseNoteKey(crypto, vkey.slice(from, to))).toBe(null)
  const longer = 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='
  const unknown = 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  expect([longer, unknown].map((one) => parseNoteKey(crypto, one))).toEqual([null, null])
  expect(parseNoteKeys(crypto, `# ours\n${vkey}\n\n${unknown}\n`)).toEqual([key])
})

it('signs only what a person can read as it is', () => {
  expect(() => signed('no newline')).toThrow('plain lines')
  expect(() => signed('a\u0000\n')).toThrow('plain lines')
  expect(() => signed('a\n', 'two words')).toThrow('without spaces')
})

it('divides a file into its notes', () => {
  const other = signed('another\n\nwith an empty line\n')
  expect(splitNotes(note + other + note)).toEqual([note, other, note])
  expect(splitNotes(`\n${note}\n\n${other}\n`)).toEqual([note, other])
  expect(splitNotes('')).toEqual([])
  expect(splitNotes('noise\n')).toHaveLength(1)
})

describe('a checkpoint', () => {
  const root = Buffer.from(
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    'hex',
  )
  const body = 'PeterNeumann\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n'

  it('is three lines: origin, size, root', () => {
    expect(checkpointText({ origin: 'PeterNeumann', size: 8, root })).toBe(body)
    expect(parseCheckpoint(body)).toEqual({
      origin: 'PeterNeumann',
      size: 8,
      root: new Uint8Array(root),
    })
    expect(parseCheckpoint(`${body}an extension\n`)).toMatchObject({ size: 8 })
  })

  it.each([
    ['a size that starts with 0', body.replace('\n8', '\n08')],
    ['a size that is none', body.replace('\n8', '\n-8')],
    ['a size that no number holds', body.replace('\n8', '\n9007199254740993')],
    ['a short root', body.replace('Xcna', '')],
    ['a root with bits that do not count', body.replace('yg=', 'yh=')],
    ['no origin', body.slice(12)],
    ['no last newline', body.slice(0, -1)],
  ])('is none with %s', (_, changed) => {
    expect(parseCheckpoint(changed)).toBe(null)
  })

  it('is believed from the key of its own log only', () => {
    expect(openCheckpoint(crypto, signed(body), [key])).toMatchObject({ size: 8 })
    const elsewhere = body.replace('PeterNeumann', 'gonogo/clinic')
    expect(openCheckpoint(crypto, signed(elsewhere), [key])).toMatchObject({ problem: 'malformed' })
  })
})
