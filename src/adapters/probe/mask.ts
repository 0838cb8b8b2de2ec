import { oneLine, sanitize } from '../../core/text.ts'

/** Knows the secrets of one smoke run and keeps them out of what is shown. */
export interface Mask {
  add(secret: string): void
  /** The text on one safe line of at most `limit` characters, without any known secret. */
  show(text: string, limit?: number): string
  /** The same with its lines kept. */
  block(text: string, limit: number): string
}

// Shorter values are settings such as `1` or `on`; masking them would only garble messages.
const shortestSecret = 4

/** A mask without secrets yet. */
export function createMask(): Mask {
  const known = new Set<string>()
  const forms = new Set<string>()
  let longestFirst: string[] = []
  const masked = (text: string) =>
    longestFirst.reduce((shown, form) => shown.replaceAll(form, '***'), text)
  return {
    add(secret) {
      if (secret.length < shortestSecret || known.has(secret)) return
      known.add(secret)
      for (const form of formsOf(secret)) forms.add(form).add(line(form))
      forms.delete('')
      longestFirst = [...forms].toSorted((left, right) => right.length - left.length)
    },
    show(text, limit = 200) {
      // Cleaned first, lest invisible characters hide a secret; cut last, lest half of one remains.
      const shown = masked(line(text))
      return shown.length <= limit ? shown : oneLine(shown, limit)
    },
    block(text, limit) {
      const shown = masked(sanitize(text.replaceAll('\r\n', '\n')))
      return shown.length <= limit ? shown : `${shown.slice(0, limit)}\n… (cut)`
    },
  }
}

/** How a secret looks in an address, a form, JSON and base64. */
function formsOf(secret: string): string[] {
  const address = encodeURIComponent(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  return [
    secret,
    address,
    address.replaceAll('%20', '+'),
    address.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    json,
    json.replaceAll('/', '\\/'),
    ...inBase64(secret),
  ]
}

/**
 * The part of its base64 form that is the same whatever stands before and behind the secret: one for
 * each of the three places in which it can begin.
 */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const [first, end] = [
      Math.ceil((8 * before) / 6),
      Math.floor((8 * (before + bytes.length)) / 6),
    ]
    const core = text.slice(first, end)
    // Shorter ones are in too many other words.
    if (core.length < 6) return []
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Adds what a header for credentials holds: without its scheme, and as the user name and password it is. */
export function addCredentials(mask: Mask, header: string): void {
  const [, scheme = '', credentials = header] = /^\s*(\w+)\s+(.+?)\s*$/.exec(header) ?? []
  mask.add(credentials)
  if (scheme.toLowerCase() !== 'basic') return
  const pair = Buffer.from(credentials, 'base64').toString('utf8')
  mask.add(pair)
  mask.add(pair.slice(pair.indexOf(':') + 1))
}

const plainLine = /^[!-~]+(?: [!-~]+)*$/

function line(text: string): string {
  return plainLine.test(text) ? text : oneLine(text, Number.POSITIVE_INFINITY)
}
