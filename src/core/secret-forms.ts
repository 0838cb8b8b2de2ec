import { toBase64 } from './base64.ts'

// Shorter values are words of everyday text; taking them out would hide the log, not the secret.
const shortestSecret = 6
// A part of an encoded form that is shorter than this stands in many texts by chance.
const shortestForm = 8

/** A secret as it may stand in a text, without what texts are wrapped with. */
export interface SecretForm {
  codes: Uint16Array
  text: string
  /** The secret itself when this is its plain form: white space in it is its own. */
  plain: string | null
}

/** A text without what it may be wrapped with, and where each character of it stood. */
export interface Squeezed {
  codes: Uint16Array
  places: Uint32Array
  length: number
}

/** Leaves out white space, invisible characters, colours, and the escapes that stand for line breaks. */
export function squeeze(text: string): Squeezed {
  const codes = new Uint16Array(text.length)
  const places = new Uint32Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isGap(code)) {
      if (code === escape) at = endOfSequence(text, at)
      continue
    }
    if (code === backslash && escapes.has(text.charCodeAt(at + 1))) {
      at += 1
      continue
    }
    codes[length] = code
    places[length] = at
    length += 1
  }
  return { codes, places, length }
}

const escape = 27
const backslash = 92
const escapes: ReadonlySet<number> = new Set(Array.from('nrt', (letter) => letter.charCodeAt(0)))
const invisible = /[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/

/** Where the colour or cursor movement that begins at `at` ends: what shows texts takes it out. */
function endOfSequence(text: string, at: number): number {
  if (text[at + 1] !== '[') return at
  let end = at + 2
  while (/[0-?\s]/.test(text.charAt(end))) end += 1
  return end
}

function isGap(code: number): boolean {
  if (code <= 32) return true
  return code > 126 && invisible.test(String.fromCharCode(code))
}

/** How a secret looks as it is, in JSON, in an address, in hex and in base64. */
export function secretForms(secret: string): SecretForm[] {
  if (secret.length < shortestSecret) return []
  const plain = formOf(secret, secret)
  const forms = new Map([[plain.text, plain]])
  for (const encoded of encodedForms(secret)) {
    const form = formOf(encoded, null)
    if (form.text.length >= shortestForm && !forms.has(form.text)) forms.set(form.text, form)
  }
  return [...forms.values()].filter(({ text }) => text.length >= signLength)
}

/** How many characters of a form are looked for first. */
export const signLength = 4

function formOf(encoded: string, plain: string | null): SecretForm {
  const { codes, length } = squeeze(encoded)
  const own = codes.slice(0, length)
  return { codes: own, text: String.fromCharCode(...own), plain }
}

function encodedForms(secret: string): string[] {
  const bytes = utf8(secret.toWellFormed())
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
  const json = JSON.stringify(secret).slice(1, -1)
  return [
    json,
    json.replaceAll('/', '\\/'),
    JSON.stringify(json).slice(1, -1),
    ...inAddress(secret.toWellFormed(), hex),
    hex.join(''),
    hex.join('').toUpperCase(),
    ...inBase64(bytes),
  ]
}

function utf8(text: string): number[] {
  const bytes = encodeURIComponent(text).match(/%[0-9A-F]{2}|[^]/g) ?? []
  return bytes.map((byte) => (byte.length > 1 ? parseInt(byte.slice(1), 16) : byte.charCodeAt(0)))
}

function inAddress(secret: string, hex: readonly string[]): string[] {
  const address = encodeURIComponent(secret)
  const every = hex.map((byte) => `%${byte}`).join('')
  return [
    address,
    address.replaceAll('%20', '+'),
    address.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    every,
    every.toUpperCase(),
  ]
}

/**
 * The part of its base64 form that is the same whatever stands before and behind the secret: one for
 * each of the three places in which it can begin, in both alphabets.
 */
function inBase64(bytes: readonly number[]): string[] {
  return [0, 1, 2].flatMap((before) => {
    const padded = Uint8Array.from([...[0, 0].slice(0, before), ...bytes])
    const from = Math.ceil((before * 8) / 6)
    const form = toBase64(padded).slice(from, Math.floor((padded.length * 8) / 6))
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
