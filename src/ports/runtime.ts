import type { Crypto } from '../core/crypto.ts'

/** Time, randomness and hashing: what a pure decision has to be handed. */
export interface Runtime {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A new unguessable id such as `dep_...`, sortable by creation time within a prefix. */
  id(prefix: string): string
  /** A new secret such as `code_...`: 192 bits that nobody can guess, and nothing else. */
  secret(prefix: string): string
  /** Lower-case hex SHA-256 of the UTF-8 text. */
  sha256(text: string): string
  /** For proofs: hashes of bytes and signatures of Ed25519 keys. */
  readonly crypto: Crypto
  /** Compares two secrets without telling by timing where they differ. */
  sameSecret(left: string, right: string): boolean
  /** The operating-system user's name; `uid-1000` and the like where the user has none. */
  userName(): string
  /**
   * Names a point between two effects ("admit.recorded"). Does nothing by itself; published on the
   * diagnostics channel `gonogo.step`, where tracing and the kill tests listen.
   */
  reached(point: string): void
}
