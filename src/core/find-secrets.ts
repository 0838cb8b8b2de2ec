import { secretForms, signLength, squeeze, type SecretForm, type Squeezed } from './secret-forms.ts'

/** A secret that is cut in pieces is only told from everyday text when there is enough of it. */
const shortestInPieces = 10

/** A stretch of a text. */
export interface Stretch {
  start: number
  end: number
}

/** Where secrets stand in a text that was put together from strings beginning at `starts`. */
export type Find = (whole: string, starts: readonly number[]) => Stretch[]

/** Looks for all forms of all secrets in one pass. */
export function createFinder(secrets: readonly string[]): Find {
  const bySign = new Map<number, SecretForm[]>()
  for (const form of [...new Set(secrets)].flatMap(secretForms)) {
    const sign = signAt(form.codes, 0)
    bySign.set(sign, [...(bySign.get(sign) ?? []), form])
  }
  if (bySign.size === 0) return () => []
  const known = new Uint8Array(signs)
  for (const sign of bySign.keys()) known[sign] = 1
  return (whole, starts) => {
    const squeezed = squeeze(whole)
    const found: Stretch[] = []
    for (let at = 0; at + signLength <= squeezed.length; at++) {
      const sign = signAt(squeezed.codes, at)
      if (known[sign] === 0) continue
      for (const form of bySign.get(sign) ?? []) {
        if (!standsAt(form, squeezed, at)) continue
        const stretch = stretchOf(form, squeezed, at)
        if (isSecret(form, stretch, whole, starts)) found.push(stretch)
      }
    }
    return found
  }
}

const signs = 1 << 16

/** A number for the first characters of a form: most places of a text have another one. */
function signAt(codes: Uint16Array, at: number): number {
  const sum =
    codes[at]! + codes[at + 1]! * 31 + codes[at + 2]! * 961 + codes[at + signLength - 1]! * 29_791
  return sum % signs
}

function standsAt({ codes }: SecretForm, squeezed: Squeezed, at: number): boolean {
  if (at + codes.length > squeezed.length) return false
  return codes.every((code, index) => squeezed.codes[at + index] === code)
}

function stretchOf({ codes }: SecretForm, { places }: Squeezed, at: number): Stretch {
  return { start: places[at]!, end: places[at + codes.length - 1]! + 1 }
}

/** Short ones count only where they stand as they are, in one string. */
function isSecret(
  { text, plain }: SecretForm,
  { start, end }: Stretch,
  whole: string,
  starts: readonly number[],
): boolean {
  if (text.length >= shortestInPieces) return true
  if (firstAfter(starts, start) < end) return false
  return [plain, text].includes(whole.slice(start, end))
}

/** Of numbers in order the first that is greater, by halves: there may be many strings. */
function firstAfter(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! > limit) high = middle
    else low = middle + 1
  }
  return sorted[low] ?? Infinity
}
