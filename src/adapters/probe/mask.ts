import { oneLine } from '../../core/text.ts'

/** Knows the secrets of one smoke run and keeps them out of what is shown. */
export interface Mask {
  add(secret: string): void
  /** The text on one safe line of at most `limit` characters, without any known secret. */
  show(text: string, limit?: number): string
}

// Shorter values are settings such as `1` or `on`; masking them would only garble messages.
const shortestSecret = 4

/** A mask without secrets yet. */
export function createMask(): Mask {
  const forms = new Set<string>()
  return {
    add(secret) {
      if (secret.length < shortestSecret) return
      const json = JSON.stringify(secret).slice(1, -1)
      for (const form of [secret, encodeURIComponent(secret), json]) forms.add(line(form))
    },
    show(text, limit = 200) {
      // Cleaned first, lest invisible characters hide a secret; cut last, lest half of one remains.
      const longestFirst = [...forms].toSorted((left, right) => right.length - left.length)
      const masked = longestFirst.reduce((shown, form) => shown.replaceAll(form, '***'), line(text))
      return oneLine(masked, limit)
    },
  }
}

function line(text: string): string {
  return oneLine(text, Number.POSITIVE_INFINITY)
}
