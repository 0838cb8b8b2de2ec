import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createApprovers } from '../../../src/adapters/ssh/approvers.ts'
import { createSigner } from '../../../src/adapters/ssh/signer.ts'
import { approvalNamespace } from '../../../src/core/approval.ts'

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-ssh-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A signer over an empty list of approvers. */
export function setUp(env: Record<string, string | undefined> = {}) {
  const directory = temporaryDirectory()
  const approvers = createApprovers({ path: join(directory, 'approvers') })
  const signer = createSigner({
    processes: createProcesses(),
    approvers,
    env: { PATH: process.env['PATH'], HOME: directory, ...env },
    terminal: false,
  })
  return { directory, approvers, signer }
}

/** Makes a key pair; returns the private file's path. */
export function keygen(directory: string, name: string, options: readonly string[] = []): string {
  const file = join(directory, name)
  const passphrase = options.includes('-N') ? [] : ['-N', '']
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', file, ...passphrase, ...options])
  return file
}

export function publicKeyOf(keyFile: string): string {
  return readFileSync(`${keyFile}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
}

export function fingerprintBySshKeygen(keyFile: string): string {
  const [, fingerprint = ''] = execFileSync('ssh-keygen', ['-l', '-f', `${keyFile}.pub`])
    .toString()
    .split(' ')
  return fingerprint
}

/** Signs with ssh-keygen itself, as anyone could. */
export function signBySshKeygen(
  keyFile: string,
  message: string,
  { namespace = approvalNamespace, env = {} }: { namespace?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  return execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', keyFile], {
    input: message,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString()
}
