import { readFile, stat } from 'node:fs/promises'
import { Failure } from '../../core/failure.ts'
import type { Approver, Approvers, KeyFacts } from '../../ports/signer.ts'
import { fingerprintOf, parsePublicKey } from './public-key.ts'
import { processIdentity, reachOf, type Identity } from './reach.ts'
import { replaceFile } from './replace-file.ts'
import { isPlainName, parseSigner, signerText } from './signers-file.ts'

export interface ApproversDeps {
  /** The allowed-signers file. */
  path: string
  /** Whose reach is judged; default: this process's user. */
  identity?: Identity
}

/** The people whose signatures count, in OpenSSH's allowed-signers file. */
export function createApprovers(deps: ApproversDeps): Approvers {
  const { path } = deps
  return {
    path,
    list: async () => (await readLines(path)).flatMap((line) => parseSigner(line) ?? []),
    add: (name, key) => add(path, name, key),
    remove: (name) => remove(path, name),
    outOfReach: (otherFiles) => outOfReach(deps.identity, [path, ...otherFiles]),
    withinReach: (otherFiles) => reachable(deps.identity, [path, ...otherFiles]),
  }
}

async function add(path: string, name: string, key: KeyFacts): Promise<Approver> {
  if (!isPlainName(name)) throw badName(name)
  // Compared, not only parsed: a line break behind a key would be another approver's line.
  if (parsePublicKey(key.public_key) !== key.public_key) throw badKey()
  const { public_key, protection } = key
  const approver = { name, public_key, fingerprint: fingerprintOf(public_key), protection }
  const lines = await readLines(path)
  const taken = lines.map(parseSigner).find((other) => other && clashes(other, approver))
  if (taken) throw alreadyThere(taken)
  await replaceFile(path, [...lines, signerText(approver)])
  return approver
}

function clashes(left: Approver, right: Approver): boolean {
  return left.name === right.name || left.public_key === right.public_key
}

async function remove(path: string, name: string): Promise<Approver> {
  const lines = await readLines(path)
  const approver = lines.map(parseSigner).find((entry) => entry?.name === name)
  if (!approver) throw invalid(`${name} is no approver in ${path}`, 'gonogo approver list')
  const left = lines.filter((line) => parseSigner(line)?.name !== name)
  await replaceFile(path, left)
  return approver
}

async function outOfReach(identity: Identity | undefined, files: string[]): Promise<boolean> {
  const who = identity ?? processIdentity()
  if (!who) return false
  const isNear = reachOf(who)
  for (const file of files) if (await isNear(file)) return false
  return true
}

async function reachable(identity: Identity | undefined, files: string[]): Promise<string[]> {
  const who = identity ?? processIdentity()
  const isNear = who ? reachOf(who) : async () => true
  const judged = files.map(async (file) => ({ file, near: await isNear(file) }))
  return (await Promise.all(judged)).filter(({ near }) => near).map(({ file }) => file)
}

async function readLines(path: string): Promise<string[]> {
  try {
    const facts = await stat(path)
    // Reading a pipe or device could wait for ever; of a directory the system says what is wrong.
    if (!facts.isFile() && !facts.isDirectory()) throw unreadable(path, 'not a regular file')
    const text = await readFile(path, 'utf8')
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  } catch (error) {
    if (error instanceof Failure) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw unreadable(path, code ?? 'unknown error', error)
  }
}

function unreadable(path: string, why: string, cause?: unknown): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message: `the list of approvers ${path} cannot be read (${why})`,
    hint: `check it with: ls -l ${path}`,
    cause,
  })
}

function alreadyThere({ name, fingerprint }: Approver): Failure {
  const problem = `${name} is an approver already, with the key ${fingerprint}`
  return invalid(problem, `remove that entry first: gonogo approver remove ${name}`)
}

function badKey(): Failure {
  return invalid('key: not one public key', 'check the key file with: ssh-keygen -l -f FILE')
}

function badName(name: string): Failure {
  const problem = `name: ${JSON.stringify(name)} is no plain name`
  return invalid(problem, 'use letters, digits and . _ @ + -, such as alice@example.com')
}

function invalid(message: string, hint: string): Failure {
  return new Failure({ code: 'invalid_input', message, hint })
}
