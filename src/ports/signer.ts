import type { approvalNamespace, KeyProtection } from '../core/approval.ts'
import type { trustNamespace } from '../core/policy-trust.ts'

/** What a signature is for; part of what is signed, so that none passes for another. */
export type SignatureNamespace = typeof approvalNamespace | typeof trustNamespace

/** SSH signatures. */
export interface Signer {
  /** Signs with a private key file; ssh-keygen itself asks for a passphrase on the terminal. */
  sign(message: string, keyFile: string, namespace: SignatureNamespace): Promise<string>
  /** Checks a signature against the signers list. Never throws for a bad signature. */
  verify(
    message: string,
    signature: string,
    namespace: SignatureNamespace,
  ): Promise<SignatureVerdict>
  /** What can be said about a key without unlocking it. */
  inspect(keyFile: string): Promise<KeyFacts>
  /** True when the key is loaded in the agent of this session. */
  heldByAgent(fingerprint: string): Promise<boolean>
}

export type SignatureVerdict =
  | { valid: true; approver: Approver; user_present: boolean }
  /** `unlisted`: its key is in no entry of the list, so that nothing can be said about it. */
  | { valid: false; problem: string; unlisted?: true }

export interface KeyFacts {
  /** `ssh-ed25519 AAAA...`, without a comment. */
  public_key: string
  /** `SHA256:...` as ssh-keygen prints it. */
  fingerprint: string
  protection: KeyProtection
}

/** One entry of the allowed-signers list. */
export interface Approver {
  /** Identity, such as an email address. */
  name: string
  public_key: string
  fingerprint: string
  /** As it was when the approver was added. */
  protection: KeyProtection
  /** What the line says besides both of gonogo's namespaces, such as `valid-before`; ssh-keygen judges it. */
  limits?: string
}

/** The allowed-signers file (ssh-keygen(1), ALLOWED SIGNERS). */
export interface Approvers {
  readonly path: string
  list(): Promise<Approver[]>
  /** Fails with `invalid_input` if the name or key is there already. */
  add(name: string, key: KeyFacts): Promise<Approver>
  /** Fails with `invalid_input` if there is no such approver. */
  remove(name: string): Promise<Approver>
  /** True when this process's user can change neither the list nor `otherFiles` nor their directories. */
  outOfReach(otherFiles: readonly string[]): Promise<boolean>
  /** Those of the list and `otherFiles` that this process's user can change. */
  withinReach(otherFiles: readonly string[]): Promise<string[]>
  /** The list as a branch of the platform has it; absent where it is a file of this machine. */
  onBranch?(): Promise<BranchFile>
}

/** A list of approvers that is kept on a branch of the platform. */
export interface BranchFile {
  /** For messages, such as `ops/approvers on main of acme/clinic`. */
  place: string
  /** Empty where there is no such file. */
  text: string
  /** Why this identity could change it without anybody else, in one line; null when it cannot. */
  reach: string | null
}
