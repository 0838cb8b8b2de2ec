import { readFile } from 'node:fs/promises'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { KeyFacts } from '../../ports/signer.ts'
import { runSsh, type SshDeps } from './program.ts'
import { fingerprintOf, isHardware, parsePublicKey, publicKeyText } from './public-key.ts'
import { wireReader } from './wire.ts'

/** What a private key file tells without its passphrase. */
export async function inspectKey(deps: SshDeps, keyFile: string): Promise<KeyFacts> {
  const text = await read(keyFile)
  if (parsePublicKey(text)) throw refused(keyFile, 'is a public key', withoutPub)
  const unlocked = await runSsh(deps, ['ssh-keygen', '-y', '-P', '', '-f', keyFile])
  const open = unlocked.exitCode === 0
  if (!open) expectLocked(keyFile, Buffer.from(unlocked.stderr).toString())
  const public_key = open
    ? parsePublicKey(Buffer.from(unlocked.stdout).toString())
    : (publicHalf(text) ?? (await besideIt(keyFile)))
  if (!public_key) throw noPublicHalf(keyFile)
  const protection = isHardware(public_key) ? 'hardware' : open ? 'none' : 'passphrase'
  return { public_key, fingerprint: fingerprintOf(public_key), protection }
}

const withoutPub = 'name the private key file, without .pub: only it shows how the key is protected'

async function read(keyFile: string): Promise<string> {
  try {
    return await readFile(keyFile, 'utf8')
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw refused(keyFile, `cannot be read (${code})`, `check the path with: ls -l ${keyFile}`)
  }
}

/** Throws unless a passphrase is what kept ssh-keygen out. */
function expectLocked(keyFile: string, stderr: string): void {
  if (stderr.includes('incorrect passphrase')) return
  if (stderr.includes('bad permissions')) {
    throw refused(keyFile, 'can be read by other users', `chmod 600 ${keyFile}`)
  }
  const reason = oneLine(stderr.trim().split('\n').at(-1) ?? '')
  throw refused(keyFile, `is no private key ssh-keygen can read (${reason})`, withoutPub)
}

/** OpenSSH's own format keeps the public half in the clear (PROTOCOL.key); older formats do not. */
function publicHalf(text: string): string | null {
  const [, data] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text) ?? []
  if (data === undefined) return null
  try {
    const reader = wireReader(Buffer.from(data, 'base64'))
    reader.take('openssh-key-v1\0'.length)
    reader.string() // cipher
    reader.string() // key derivation
    reader.string() // its options
    return reader.uint32() === 1 ? publicKeyText(reader.string()) : null
  } catch {
    return null
  }
}

async function besideIt(keyFile: string): Promise<string | null> {
  const text = await readFile(`${keyFile}.pub`, 'utf8').catch(() => '')
  return parsePublicKey(text)
}

function noPublicHalf(keyFile: string): Failure {
  const hint = `ssh-keygen -y -f ${keyFile} > ${keyFile}.pub`
  return refused(keyFile, `is encrypted whole, and there is no ${keyFile}.pub`, hint)
}

function refused(keyFile: string, problem: string, hint: string): Failure {
  return new Failure({ code: 'invalid_input', message: `key file ${keyFile} ${problem}`, hint })
}
