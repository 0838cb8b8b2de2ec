import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApprovers } from '../../../src/adapters/ssh/approvers.ts'
import type { KeyFacts } from '../../../src/ports/signer.ts'
import { fingerprintBySshKeygen, keygen, publicKeyOf, temporaryDirectory } from './fixtures.ts'

function factsOf(keyFile: string, protection: KeyFacts['protection'] = 'passphrase'): KeyFacts {
  const public_key = publicKeyOf(keyFile)
  return { public_key, fingerprint: fingerprintBySshKeygen(keyFile), protection }
}

/** Permissions mean nothing to the superuser, as whom containers often run tests. */
async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid!(65_534)
  try {
    return await work()
  } finally {
    process.seteuid!(0)
  }
}

function setUp(content?: (keys: { alice: string; bob: string }) => string) {
  const directory = temporaryDirectory()
  const alice = keygen(directory, 'alice')
  const bob = keygen(directory, 'bob')
  const path = join(directory, 'approvers')
  const keys = { alice: publicKeyOf(alice), bob: publicKeyOf(bob) }
  if (content) writeFileSync(path, content(keys))
  return { path, alice: factsOf(alice), bob: factsOf(bob, 'none'), list: createApprovers({ path }) }
}

describe('add', () => {
  it('writes a line that ssh-keygen and the list both understand', async () => {
    const { list, path, alice } = setUp()
    expect(await list.list()).toEqual([])
    const approver = await list.add('alice@example.com', alice)
    expect(approver).toEqual({ name: 'alice@example.com', ...alice })
    expect(await list.list()).toEqual([approver])
    expect(readFileSync(path, 'utf8')).toBe(
      `alice@example.com namespaces="gonogo-approval,gonogo-trust" ${alice.public_key} protection=passphrase\n`,
    )
    expect(statSync(path).mode & 0o777).toBe(0o644)
  })

  it('keeps what people wrote into the file and leaves nothing else behind', async () => {
    const { list, path, bob } = setUp((keys) => `# ours\n\nalice ${keys.alice}`)
    await list.add('bob', bob)
    const [comment, blank, alice, added] = readFileSync(path, 'utf8').split('\n')
    expect([comment, blank]).toEqual(['# ours', ''])
    expect(alice).toMatch(/^alice ssh-ed25519 /)
    expect(added).toMatch(/^bob namespaces=/)
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('creates the directory and follows a link to the list', async () => {
    const { path, alice } = setUp()
    const linked = join(dirname(path), 'etc', 'approvers')
    await createApprovers({ path: linked }).add('alice', alice)
    symlinkSync(linked, path)
    await createApprovers({ path }).remove('alice')
    expect(readFileSync(linked, 'utf8')).toBe('')
  })

  it('refuses a name or a key that is there already', async () => {
    const { list, alice, bob } = setUp()
    await list.add('alice', alice)
    await expect(list.add('alice', bob)).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(list.add('carol', alice)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('alice'),
    })
  })

  it.each(['', '*', 'a*', 'al?ce', '!alice', 'alice,bob', 'a b', 'a"b', "a'b", '#a', '-a', 'a\nb'])(
    'refuses the name %j',
    async (name) => {
      const { list, alice, path } = setUp(() => '')
      await expect(list.add(name, alice)).rejects.toMatchObject({ code: 'invalid_input' })
      expect(readFileSync(path, 'utf8')).toBe('')
    },
  )

  it.each(['', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'ssh-ed25519 AAAA\nmallory ssh-ed25519 AAAA'])(
    'refuses the key %j',
    async (public_key) => {
      const { list, alice } = setUp()
      const refused = list.add('alice', { ...alice, public_key })
      await expect(refused).rejects.toMatchObject({ code: 'invalid_input' })
    },
  )

  it('refuses a second line smuggled in behind a key', async () => {
    const { list, path, alice, bob } = setUp(() => '')
    const public_key = `${alice.public_key}\nmallory ${bob.public_key}`
    const refused = list.add('alice', { ...alice, public_key })
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input' })
    expect(readFileSync(path, 'utf8')).toBe('')
  })

  it('says who can write where this user cannot', async () => {
    const { list, path, alice } = setUp(() => '')
    chmodSync(dirname(path), 0o555)
    onTestFinished(() => chmodSync(dirname(path), 0o755))
    const refused = asOrdinaryUser(() => list.add('alice', alice))
    await expect(refused).rejects.toMatchObject({
      code: 'not_permitted',
      message: expect.stringContaining(path),
      hint: expect.stringContaining('sudo'),
    })
  })

  it('says when the path itself is wrong', async () => {
    const { path, alice } = setUp(() => '')
    const below = join(path, 'approvers')
    await expect(createApprovers({ path: below }).add('alice', alice)).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
  })
})

describe('remove', () => {
  it('takes every line of the name, and nothing else', async () => {
    const { list, path } = setUp(
      ({ alice, bob }) => `alice ${alice}\n# alice\nbob ${bob}\nalice ${bob}\n`,
    )
    expect((await list.remove('alice')).name).toBe('alice')
    expect(readFileSync(path, 'utf8')).toMatch(/^# alice\nbob ssh-ed25519 \S+\n$/)
  })

  it('refuses a name that is not there', async () => {
    const { list } = setUp()
    await expect(list.remove('alice')).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('list', () => {
  it('reads lines people wrote', async () => {
    const limits = 'valid-before="20990101",namespaces="git,gonogo-approval"'
    const { list, alice, bob } = setUp(
      ({ alice: first, bob: second }) =>
        `  alice   ${first} alice@laptop protection=hardware \r\n` +
        `bob ${limits} ${second} bob's key\n`,
    )
    expect(await list.list()).toEqual([
      { ...alice, name: 'alice', protection: 'hardware' },
      { ...bob, name: 'bob', protection: 'none', limits },
    ])
  })

  it.each<[string, (key: string) => string]>([
    ['a comment', (key) => `# alice ${key}`],
    ['a key for another namespace', (key) => `alice namespaces="git" ${key}`],
    ['namespaces by pattern', (key) => `alice namespaces="gonogo-*" ${key}`],
    ['a certificate authority', (key) => `alice cert-authority ${key}`],
    [
      'one among other options',
      (key) => `alice namespaces="gonogo-approval",cert-authority ${key}`,
    ],
    ['a pattern', (key) => `*@example.com ${key}`],
    ['several names', (key) => `alice,bob ${key}`],
    ['a quoted name', (key) => `"alice" ${key}`],
    ['a type the key is not', (key) => `alice ${key.replace('ssh-ed25519', 'ssh-rsa')}`],
    ['no key', () => 'alice ssh-ed25519'],
    ['noise', () => '\u0000\u0001 \u202e'],
  ])('does not count %s', async (_, line) => {
    const { list } = setUp(({ alice }) => `${line(alice)}\n`)
    expect(await list.list()).toEqual([])
  })

  it('takes a protection nobody knows for none', async () => {
    const { list } = setUp(({ alice }) => `alice ${alice} protection=magic\n`)
    expect((await list.list())[0]?.protection).toBe('none')
  })

  it('keeps what else a line says, and nothing of a line of its own', async () => {
    const both = 'namespaces="gonogo-approval,gonogo-trust"'
    const { list } = setUp(
      ({ alice, bob }) => `alice ${both},valid-before="20200101" ${alice}\nbob ${both} ${bob}\n`,
    )
    expect((await list.list()).map(({ limits }) => limits)).toEqual([
      `${both},valid-before="20200101"`,
      undefined,
    ])
  })

  it('does not wait for a pipe or a device', async () => {
    await expect(createApprovers({ path: '/dev/null' }).list()).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('not a regular file'),
    })
  })

  it('says when the file is there but cannot be read', async () => {
    const path = join(temporaryDirectory(), 'approvers')
    mkdirSync(path)
    await expect(createApprovers({ path }).list()).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(path),
    })
  })
})
