import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { Approvers, SignatureNamespace, SignatureVerdict, Signer } from '../../ports/signer.ts'
import { inspectKey } from './key-file.ts'
import { runSsh, type SshDeps } from './program.ts'
import { fingerprintOf } from './public-key.ts'
import { parseSignature } from './sshsig.ts'

export interface SignerDeps extends SshDeps {
  approvers: Approvers
  /** Whether a person is at the terminal and can be asked for a passphrase. */
  terminal: boolean
}

/** SSH signatures by OpenSSH's own programs. */
export function createSigner(deps: SignerDeps): Signer {
  return {
    sign: (message, keyFile, namespace) => sign(deps, message, keyFile, namespace),
    verify: (message, signature, namespace) => verify(deps, message, signature, namespace),
    inspect: (keyFile) => inspectKey(deps, keyFile),
    heldByAgent: (fingerprint) => heldByAgent(deps, fingerprint),
  }
}

async function sign(
  deps: SignerDeps,
  message: string,
  keyFile: string,
  namespace: SignatureNamespace,
): Promise<string> {
  const { terminal } = deps
  // An empty passphrase given is one that is not asked for.
  const silent = terminal ? [] : ['-P', '']
  const argv = ['ssh-keygen', '-q', '-Y', 'sign', '-n', namespace, ...silent, '-f', keyFile]
  // A person may take as long as they like; nobody waits for an agent that never answers.
  const patience = terminal ? { terminal, timeoutMs: 15 * 60_000 } : { timeoutMs: 60_000 }
  const result = await runSsh(deps, argv, { input: message, ...patience })
  const signature = Buffer.from(result.stdout).toString()
  if (result.exitCode === 0 && parseSignature(signature)) return signature
  throw unsigned(keyFile, Buffer.from(result.stderr).toString(), terminal)
}

function unsigned(keyFile: string, stderr: string, terminal: boolean): Failure {
  const asked = !terminal && stderr.includes('incorrect passphrase')
  const reason = asked
    ? 'it has a passphrase, and without a terminal nobody can be asked for it'
    : oneLine(stderr.trim().split('\n').at(-1) ?? '') || 'ssh-keygen made no signature'
  return new Failure({
    code: 'invalid_approval',
    message: `not signed with ${keyFile}: ${reason}`,
    hint: asked
      ? 'run the same command in a terminal'
      : `check the key with: ssh-keygen -y -f ${keyFile}`,
  })
}

async function verify(
  deps: SignerDeps,
  message: string,
  signature: string,
  wanted: SignatureNamespace,
): Promise<SignatureVerdict> {
  const parsed = parseSignature(signature)
  if (!parsed) return invalid('not an SSH signature')
  const { public_key, namespace, user_present, armored } = parsed
  if (namespace !== wanted) {
    return invalid(`made for the namespace ${oneLine(namespace, 40)}, not ${wanted}`)
  }
  const approver = (await deps.approvers.list()).find((entry) => entry.public_key === public_key)
  if (!approver) {
    return { ...invalid(unknownKey(public_key, deps.approvers.path)), unlisted: true }
  }
  const onBranch = await deps.approvers.onBranch?.()
  const problem = await withFiles({ signature: armored, signers: onBranch?.text }, (files) => {
    const signers = onBranch === undefined ? deps.approvers.path : files.signers
    return refusal(deps, message, files.signature, { name: approver.name, namespace, signers })
  })
  return problem === null ? { valid: true, approver, user_present } : invalid(problem)
}

function unknownKey(publicKey: string, path: string): string {
  const [type = ''] = publicKey.split(' ')
  return type.includes('-cert-')
    ? `signed with a certificate, and cert-authority lines are ignored: ${path} must hold the key itself`
    : `signed by ${fingerprintOf(publicKey)}, which is no approver's key in ${path}`
}

/** ssh-keygen's own reason to refuse, or null. */
async function refusal(
  deps: SignerDeps,
  message: string,
  signatureFile: string,
  { name, namespace, signers }: { name: string; namespace: string; signers: string },
): Promise<string | null> {
  const who = ['-f', signers, '-I', name, '-n', namespace]
  const argv = ['ssh-keygen', '-Y', 'verify', ...who, '-s', signatureFile]
  const result = await runSsh(deps, argv, { input: message })
  if (result.exitCode === 0) return null
  const stderr = Buffer.from(result.stderr).toString()
  if (stderr.includes('incorrect signature')) return 'does not match what was to be signed'
  return oneLine(stderr) || 'ssh-keygen could not verify it'
}

function invalid(problem: string) {
  return { valid: false, problem } as const
}

interface Files {
  signature: string
  /** Where the list comes from a branch: the text that ssh-keygen judges by. */
  signers: string
}

async function withFiles<T>(
  { signature, signers = '' }: { signature: string; signers?: string | undefined },
  work: (paths: Files) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'gonogo-signature-'))
  try {
    const paths = { signature: join(directory, 'signature'), signers: join(directory, 'signers') }
    await writeFile(paths.signature, signature, { mode: 0o600 })
    await writeFile(paths.signers, signers, { mode: 0o600 })
    return await work(paths)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function heldByAgent(deps: SignerDeps, fingerprint: string): Promise<boolean> {
  if (!deps.env['SSH_AUTH_SOCK']) return false
  const result = await runSsh(deps, ['ssh-add', '-l', '-E', 'sha256'], { timeoutMs: 5_000 })
  // No keys, or no agent.
  if (result.exitCode === 1 || result.exitCode === 2) return false
  // An agent that cannot be asked may hold it: a level must not rise because nobody answered.
  if (result.exitCode !== 0) return true
  const lines = Buffer.from(result.stdout).toString().split('\n')
  return lines.some((line) => line.split(' ')[1] === fingerprint)
}
