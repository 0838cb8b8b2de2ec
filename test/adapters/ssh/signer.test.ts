import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { approvalNamespace } from '../../../src/core/approval.ts'
import { toFailure } from '../../../src/core/failure.ts'
import { trustNamespace } from '../../../src/core/policy-trust.ts'
import { createSecurityKey } from './security-key.ts'
import { fingerprintBySshKeygen, keygen, publicKeyOf, setUp, signBySshKeygen } from './fixtures.ts'

const message = '{"action":"promote","id":"apr_1"}'

/** A signer and an approver `alice` whose key needs nothing. */
async function withAlice() {
  const context = setUp()
  const key = keygen(context.directory, 'alice')
  const approver = await context.approvers.add('alice', await context.signer.inspect(key))
  return { ...context, key, approver }
}

describe('sign and verify', () => {
  it('prove who consented', async () => {
    const { signer, key, approver } = await withAlice()
    const signature = await signer.sign(message, key, approvalNamespace)
    expect(signature).toMatch(/^-----BEGIN SSH SIGNATURE-----/)
    expect(await signer.verify(message, signature, approvalNamespace)).toEqual({
      valid: true,
      approver,
      user_present: false,
    })
  })

  it('tell approvers apart', async () => {
    const { signer, approvers, directory } = await withAlice()
    const key = keygen(directory, 'bob', ['-t', 'ecdsa'])
    await approvers.add('bob', await signer.inspect(key))
    const signature = await signer.sign(message, key, approvalNamespace)
    const verdict = await signer.verify(message, signature, approvalNamespace)
    expect(verdict).toMatchObject({ valid: true, approver: { name: 'bob' } })
  })

  it('leave no file behind', async () => {
    const { signer, key, directory } = await withAlice()
    const signature = await signer.sign(message, key, approvalNamespace)
    const temporary = join(directory, 'tmp')
    mkdirSync(temporary)
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    await signer.verify(message, signature, approvalNamespace)
    await signer.verify('another', signature, approvalNamespace)
    expect(readdirSync(temporary)).toEqual([])
  })

  it.each([true, false])('tell whether a security key was touched: %s', async (touched) => {
    const { signer, approvers, directory } = setUp()
    const securityKey = createSecurityKey()
    writeFileSync(join(directory, 'sk'), securityKey.privateFile, { mode: 0o600 })
    const facts = await signer.inspect(join(directory, 'sk'))
    expect(facts).toMatchObject({ protection: 'hardware', public_key: securityKey.publicKey })
    await approvers.add('alice', facts)
    const signature = securityKey.sign(message, { touched })
    const verdict = await signer.verify(message, signature, approvalNamespace)
    expect(verdict).toMatchObject({ valid: true, user_present: touched })
    const touchedOnce = securityKey.sign(message, { touched: true })
    const replayed = await signer.verify('another', touchedOnce, approvalNamespace)
    expect(replayed.valid).toBe(false)
  })
})

describe('verify refuses', () => {
  it('another message', async () => {
    const { signer, key } = await withAlice()
    const signature = await signer.sign(message, key, approvalNamespace)
    expect(await signer.verify(`${message} `, signature, approvalNamespace)).toEqual({
      valid: false,
      problem: 'does not match what was to be signed',
    })
  })

  it('another namespace', async () => {
    const { signer, key } = await withAlice()
    const signature = signBySshKeygen(key, message, { namespace: 'git' })
    expect(await signer.verify(message, signature, approvalNamespace)).toEqual({
      valid: false,
      problem: 'made for the namespace git, not gonogo-approval',
    })
  })

  it.each([
    [approvalNamespace, trustNamespace],
    [trustNamespace, approvalNamespace],
  ] as const)('what was signed as %s where %s is wanted', async (made, wanted) => {
    const { signer, key } = await withAlice()
    const signature = await signer.sign(message, key, made)
    expect((await signer.verify(message, signature, made)).valid).toBe(true)
    expect(await signer.verify(message, signature, wanted)).toEqual({
      valid: false,
      problem: `made for the namespace ${made}, not ${wanted}`,
    })
  })

  it('a statement of trust by an approver who is registered for approvals only', async () => {
    const { signer, key, approvers } = await withAlice()
    const line = readFileSync(approvers.path, 'utf8')
    writeFileSync(approvers.path, line.replace(`,${trustNamespace}`, ''))
    const consent = await signer.sign(message, key, approvalNamespace)
    expect((await signer.verify(message, consent, approvalNamespace)).valid).toBe(true)
    const trust = await signer.sign(message, key, trustNamespace)
    expect(await signer.verify(message, trust, trustNamespace)).toMatchObject({
      valid: false,
      problem: expect.stringContaining('not permitted for use in signature namespace'),
    })
  })

  it('another namespace under the name of the right one', async () => {
    const { signer, key } = await withAlice()
    const armor = signBySshKeygen(key, message, { namespace: 'gonogo-approvaX' })
    const [begin, ...rest] = armor.trim().split('\n')
    const blob = Buffer.from(rest.slice(0, -1).join(''), 'base64')
    const forged = Buffer.from(
      blob.toString('latin1').replace('approvaX', 'approval'),
      'latin1',
    ).toString('base64')
    const edited = [begin, forged, rest.at(-1)].join('\n')
    const verdict = await signer.verify(message, edited, approvalNamespace)
    expect(verdict).toEqual({ valid: false, problem: 'does not match what was to be signed' })
  })

  it('a key that is on no list', async () => {
    const { signer, directory } = await withAlice()
    const key = keygen(directory, 'mallory')
    const signature = await signer.sign(message, key, approvalNamespace)
    const verdict = await signer.verify(message, signature, approvalNamespace)
    expect(verdict).toMatchObject({
      valid: false,
      problem: expect.stringContaining(fingerprintBySshKeygen(key)),
    })
  })

  it('an approver who was removed, also for what they signed before', async () => {
    const { signer, key, approvers } = await withAlice()
    const signature = await signer.sign(message, key, approvalNamespace)
    await approvers.remove('alice')
    expect((await signer.verify(message, signature, approvalNamespace)).valid).toBe(false)
  })

  it('an approver whose time is over', async () => {
    const { signer, key, approvers } = await withAlice()
    const signature = await signer.sign(message, key, approvalNamespace)
    const options = 'namespaces="gonogo-approval",valid-before="20200101"'
    writeFileSync(approvers.path, `alice ${options} ${publicKeyOf(key)}\n`)
    expect((await signer.verify(message, signature, approvalNamespace)).valid).toBe(false)
  })

  it('an edited signature', async () => {
    const { signer, key } = await withAlice()
    const lines = (await signer.sign(message, key, approvalNamespace)).split('\n')
    const last = lines.length - 3
    const edited = lines.with(
      last,
      lines[last]!.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
    )
    expect((await signer.verify(message, edited.join('\n'), approvalNamespace)).valid).toBe(false)
  })

  it('a certificate, which ssh-keygen would accept, and says why', async () => {
    const { signer, key, approvers, directory } = await withAlice()
    const authority = keygen(directory, 'authority')
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'id', '-n', 'bob', `${key}.pub`])
    writeFileSync(approvers.path, `bob cert-authority ${publicKeyOf(authority)}\n`)
    const signature = signBySshKeygen(`${key}-cert.pub`, message)
    expect(await signer.verify(message, signature, approvalNamespace)).toEqual({
      valid: false,
      problem: expect.stringContaining('cert-authority lines are ignored'),
      unlisted: true,
    })
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['binary noise', '\u0000\u0007\ufffd'],
    ['a huge text', 'A'.repeat(5_000_000)],
    [
      'an option of ssh-keygen',
      '-----BEGIN SSH SIGNATURE-----\n-I root\n-----END SSH SIGNATURE-----',
    ],
  ])('%s', async (_, signature) => {
    const { signer } = await withAlice()
    expect(await signer.verify(message, signature, approvalNamespace)).toEqual({
      valid: false,
      problem: 'not an SSH signature',
    })
  })
})

describe('a key with a passphrase', () => {
  const passphrase = 'correct horse'

  it('is known as one, by its own public half', async () => {
    const { signer, directory } = setUp()
    const key = keygen(directory, 'locked', ['-N', passphrase])
    const expected = {
      public_key: publicKeyOf(key),
      fingerprint: fingerprintBySshKeygen(key),
      protection: 'passphrase',
    }
    expect(await signer.inspect(key)).toEqual(expected)
    writeFileSync(`${key}.pub`, 'misleading')
    expect(await signer.inspect(key)).toEqual(expected)
  })

  it('of an older format needs its public file', async () => {
    const { signer, directory } = setUp()
    const options = ['-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', passphrase]
    const key = keygen(directory, 'old', options)
    expect(await signer.inspect(key)).toMatchObject({
      protection: 'passphrase',
      fingerprint: fingerprintBySshKeygen(key),
    })
    rmSync(`${key}.pub`)
    await expect(signer.inspect(key)).rejects.toMatchObject({
      code: 'invalid_input',
      hint: `ssh-keygen -y -f ${key} > ${key}.pub`,
    })
  })

  it('is not asked for without a terminal', async () => {
    const { signer, directory } = setUp()
    const key = keygen(directory, 'locked', ['-N', passphrase])
    await expect(signer.sign(message, key, approvalNamespace)).rejects.toMatchObject({
      code: 'invalid_approval',
      message: expect.stringContaining('without a terminal'),
      hint: 'run the same command in a terminal',
    })
  })

  it('approves once it was typed', async () => {
    const { signer, directory, approvers } = setUp()
    const key = keygen(directory, 'locked', ['-N', passphrase])
    await approvers.add('alice', await signer.inspect(key))
    const askpass = join(directory, 'askpass')
    writeFileSync(askpass, `#!/bin/sh\necho '${passphrase}'\n`, { mode: 0o700 })
    const env = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }
    const signature = signBySshKeygen(key, message, { env })
    const verdict = await signer.verify(message, signature, approvalNamespace)
    expect(verdict).toMatchObject({ valid: true, approver: { protection: 'passphrase' } })
  })

  it('is asked for by ssh-keygen itself at a terminal', async () => {
    const { signer, directory, approvers } = setUp()
    const key = keygen(directory, 'locked', ['-N', passphrase])
    await approvers.add('alice', await signer.inspect(key))
    const output = join(directory, 'signature')
    const program = join(import.meta.dirname, 'sign-in-terminal.ts')
    const command = [process.execPath, program, key, message, output]
    const quoted = command.map((word) => `'${word}'`).join(' ')
    const args =
      process.platform === 'darwin'
        ? ['-q', '/dev/null', ...command]
        : ['-qec', quoted, '/dev/null']
    const terminal = spawn('script', args, { stdio: ['pipe', 'pipe', 'ignore'] })
    onTestFinished(() => void terminal.kill('SIGKILL'))
    let screen = ''
    terminal.stdout.on('data', (chunk) => {
      screen += String(chunk)
      if (screen.endsWith('passphrase: ') || screen.endsWith('": ')) {
        terminal.stdin.write(`${passphrase}\n`)
      }
    })
    await once(terminal, 'close')
    expect(screen).toContain('passphrase')
    expect(screen).not.toContain(passphrase)
    const verdict = await signer.verify(message, readFileSync(output, 'utf8'), approvalNamespace)
    expect(verdict).toMatchObject({ valid: true, approver: { name: 'alice' } })
  })
})

describe('inspect', () => {
  it.each([
    ['ed25519', []],
    ['ecdsa', ['-t', 'ecdsa']],
    ['rsa', ['-t', 'rsa', '-b', '2048']],
    ['PKCS8', ['-t', 'ecdsa', '-m', 'PKCS8']],
  ])('reads an %s key as ssh-keygen does', async (_, options) => {
    const { signer, directory } = setUp()
    const key = keygen(directory, 'key', options)
    expect(await signer.inspect(key)).toEqual({
      public_key: publicKeyOf(key),
      fingerprint: fingerprintBySshKeygen(key),
      protection: 'none',
    })
  })

  it.each<[string, RegExp, (key: string) => string]>([
    ['a missing file', /ENOENT/, (key) => `${key}-none`],
    ['a public key', /is a public key/, (key) => `${key}.pub`],
    ['a directory', /EISDIR/, (key) => join(key, '..')],
    [
      'a file that is no key',
      /no private key/,
      (key) => {
        writeFileSync(key, 'SECRET=hunter2\n')
        return key
      },
    ],
    [
      'a key others can read',
      /other users/,
      (key) => {
        chmodSync(key, 0o644)
        return key
      },
    ],
  ])('refuses %s with a hint', async (_, problem, fileOf) => {
    const { signer, directory } = setUp()
    const error = await signer.inspect(fileOf(keygen(directory, 'key'))).catch(toFailure)
    expect(error).toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(problem),
      hint: expect.stringMatching(/\S/),
    })
    expect(JSON.stringify(error)).not.toContain('hunter2')
  })
})

describe('sign', () => {
  it('refuses a key file that is not there', async () => {
    const { signer, directory } = setUp()
    const missing = join(directory, 'none')
    await expect(signer.sign(message, missing, approvalNamespace)).rejects.toMatchObject({
      code: 'invalid_approval',
      message: expect.stringContaining('No such file'),
    })
  })
})

describe('heldByAgent', () => {
  it('finds a loaded key, and only that', async () => {
    const { directory } = setUp()
    const SSH_AUTH_SOCK = join(directory, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', SSH_AUTH_SOCK], { stdio: 'ignore' })
    onTestFinished(() => void agent.kill('SIGKILL'))
    const deadline = Date.now() + 10_000
    while (!existsSync(SSH_AUTH_SOCK) && Date.now() < deadline) await delay(10)
    const { signer } = setUp({ SSH_AUTH_SOCK })
    const [loaded, other] = ['loaded', 'other'].map((name) => keygen(directory, name))
    expect(await signer.heldByAgent(fingerprintBySshKeygen(loaded!))).toBe(false)
    const env = { ...process.env, SSH_AUTH_SOCK }
    execFileSync('ssh-add', ['-q', loaded!], { env })
    expect(await signer.heldByAgent(fingerprintBySshKeygen(loaded!))).toBe(true)
    expect(await signer.heldByAgent(fingerprintBySshKeygen(other!))).toBe(false)
  })

  it('finds nothing without an agent', async () => {
    const { directory, signer } = setUp()
    const gone = setUp({ SSH_AUTH_SOCK: join(directory, 'gone') }).signer
    expect(await signer.heldByAgent('SHA256:x')).toBe(false)
    expect(await gone.heldByAgent('SHA256:x')).toBe(false)
  })

  it('takes an agent that cannot be asked for one that holds the key', async () => {
    const { directory } = setUp()
    writeFileSync(join(directory, 'ssh-add'), '#!/bin/sh\nexit 3\n', { mode: 0o700 })
    const { signer } = setUp({ SSH_AUTH_SOCK: join(directory, 'agent'), PATH: directory })
    expect(await signer.heldByAgent('SHA256:x')).toBe(true)
  })
})

describe('without OpenSSH', () => {
  it('says what to install', async () => {
    const { signer, directory } = setUp({ PATH: '/nowhere' })
    const key = keygen(directory, 'key')
    await expect(signer.inspect(key)).rejects.toMatchObject({
      code: 'missing_program',
      hint: expect.stringContaining('apt-get install openssh-client'),
    })
  })
})
