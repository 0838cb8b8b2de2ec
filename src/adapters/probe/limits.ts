/** When a call has to be over, and for whom it ends earlier. */
export interface Limits {
  /** What the caller allowed in total, as told in messages. */
  totalMs: number
  /** What is left of it. */
  remainingMs: number
  signal: AbortSignal | undefined
}
