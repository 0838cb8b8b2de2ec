/** The secrets this process holds. Nobody is handed one; they are only looked for. */
export interface HeldSecrets {
  /** Takes them, and what looks like one, out of every string of a value. */
  redact<T>(value: T): T
  /** Labels of the approval tokens and caller tokens that a text holds. */
  tokensIn(text: string): string[]
}
