/** What decisions need of cryptography; handed in, since core does none itself. */
export interface Crypto {
  sha256: (bytes: Uint8Array) => Uint8Array
  utf8: (text: string) => Uint8Array
  /** Whether an Ed25519 signature of a message is by this key (32 bytes). */
  verifies: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

export type Sha256 = Crypto['sha256']
