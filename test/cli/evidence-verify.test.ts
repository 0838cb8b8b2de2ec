import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import {
  runEvidenceVerify,
  type EvidenceVerifyOptions,
} from '../../src/cli/commands/evidence-verify.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { approvalNamespace } from '../../src/core/approval.ts'
import { canonicalJson, type Json } from '../../src/core/canonical.ts'
import { bundleText, type EvidenceBundle } from '../../src/core/evidence/bundle.ts'
import type { SignatureFact } from '../../src/core/evidence/consent.ts'
import { judgeEvidence, type EvidenceVerdict } from '../../src/core/evidence/verdict.ts'
import { auditEvidence } from '../../src/desk/audit-evidence.ts'
import { readEvidence } from '../../src/desk/read-evidence.ts'
import { signingWith } from '../../src/wiring.ts'
import { testAuditLog } from '../support/audit-log.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { promote, stage, approve } from '../tools/support/journey.ts'

const never = new AbortController().signal

interface Exported {
  world: World
  bundle: EvidenceBundle
  file: string
  /** What whoever verifies trusts. */
  trusted: { signers: string; publicKey: string; checkpoint: string[] }
}

function signing(file: string) {
  return signingWith(file, { env: process.env, terminal: false, shutdown: never })
}

/** A promotion that `ada` approved with a real key; `before` is what happens before it is exported. */
async function exported(
  before: (world: World, id: string) => void = () => {},
  meanwhile: (world: World, id: string) => Promise<unknown> = async () => {},
): Promise<Exported> {
  const plain = makeWorld()
  const signers = join(plain.directory, 'approvers')
  const { signer, approvers } = signing(signers)
  const world = { ...plain, call: { ...plain.call, signer, approvers } }
  world.as = (principal) => ({ ...world.call, principal })
  const key = join(plain.directory, 'ada')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key])
  await approvers.add('ada', await signer.inspect(key))
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  await approve(world, approval.id, key)
  const { deployment_id } = await promote(world.call, 'v1', { approval_token: approval.id })
  const id = String(deployment_id)
  await meanwhile(world, id)
  await world.drive(id)
  before(world, id)
  const bundle = await auditEvidence(world.call, id)
  // Away from the store, as whoever verifies it has it.
  const away = join(plain.directory, 'away')
  mkdirSync(away)
  const file = join(away, 'evidence.json')
  writeFileSync(file, bundleText(bundle))
  const log = join(plain.directory, 'audit.jsonl')
  const publicKey = join(plain.directory, 'audit-key.pub')
  return {
    world,
    bundle,
    file,
    trusted: { signers, publicKey, checkpoint: [`${log}.checkpoints`] },
  }
}

async function verify(file: string, options: EvidenceVerifyOptions = {}) {
  const out = new PassThrough()
  const surface = { out, signing: async (signers: string) => signing(signers) }
  const exit = await runEvidenceVerify(
    surface as unknown as Surface,
    { json: true, ...options },
    file,
  )
  const verdict = JSON.parse(String(out.read())) as EvidenceVerdict
  const texts = verdict.findings.map(({ state, what, text }) => `${state} ${what}: ${text}`)
  return { exit, verdict, told: texts.join('\n') }
}

function rewritten({ file }: Exported, change: (bundle: EvidenceBundle) => void): string {
  const bundle = JSON.parse(readFileSync(file, 'utf8')) as EvidenceBundle
  change(bundle)
  const other = `${file}.changed`
  writeFileSync(other, bundleText(bundle))
  return other
}

it('proves all of it to somebody who has the keys, and says so when only the bundle has them', async () => {
  const files = ownFiles()
  const one = await exported()
  const { file, trusted } = one
  const { signers, publicKey, checkpoint } = trusted
  expect(await verify(file, { signers, publicKey })).toMatchObject({ exit: 0 })
  expect(await verify(file, { signers, checkpoint })).toMatchObject({ exit: 0 })
  const alone = await verify(file)
  expect(alone.exit).toBe(6)
  expect(alone.told).toMatch(/claimed decision: .*only the bundle says that the key is theirs/)
  expect(alone.told).toMatch(/claimed log: only the bundle says/)
  expect(await verify(file, { signers })).toMatchObject({ exit: 6 })
  expect(await verify(file, { publicKey })).toMatchObject({ exit: 6 })

  const strangers = join(one.world.directory, 'strangers')
  writeFileSync(strangers, '')
  const unknown = await verify(file, { publicKey, signers: strangers })
  expect(unknown.exit).toBe(6)
  expect(unknown.told).toMatch(/claimed decision: approved by ada: .*no approver's key/)

  const foreign = join(one.world.directory, 'foreign')
  const log = testAuditLog({ path: join(foreign, 'audit.jsonl') })
  await log.append(strangeLine)
  await log.checkpoint()
  expect(await verify(file, { signers, publicKey: join(foreign, 'audit-key.pub') })).toMatchObject({
    exit: 1,
    told: expect.stringContaining('not a key that was given'),
  })

  const kept = readFileSync(checkpoint[0]!, 'utf8')
  const other = join(one.world.directory, 'checkpoints')
  writeFileSync(other, kept.replaceAll(/^(\d+\n).*$/gm, `$1${'A'.repeat(43)}=`))
  expect(await verify(file, { signers, checkpoint: [other] })).toMatchObject({
    exit: 1,
    told: expect.stringContaining('another root'),
  })
  writeFileSync(other, kept.replaceAll(/^\d+$/gm, '3'))
  expect(await verify(file, { signers, checkpoint: [other] })).toMatchObject({
    exit: 6,
    told: expect.stringContaining('so that none could be compared'),
  })
  expect(ownFiles()).toEqual(files)
})

const strangeLine = {
  operation: 'trust',
  user: 'human:eve',
  environment: null,
  success: true,
  phase: 'result',
  details: {},
  request_id: 'req_1',
  correlation_id: null,
  dry_run: false,
  approval: null,
} as const

function ownFiles(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('gonogo-evidence-'))
}

it('finds white space, a bundle of another shape, and what is no bundle', async () => {
  const one = await exported()
  appendFileSync(one.file, '\n')
  expect(await verify(one.file, one.trusted)).toMatchObject({
    exit: 1,
    told: expect.stringContaining('the file is not as gonogo writes it'),
  })
  const more = rewritten(one, (bundle) => void Object.assign(bundle.deployment, { verified: true }))
  await expect(verify(more)).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('no evidence bundle: deployment'),
  })
  const signed = rewritten(one, ({ log }) => {
    log.checkpoint += '\u2014 somebody AAAAAAA=\n'
  })
  expect(await verify(signed, one.trusted)).toMatchObject({
    exit: 1,
    told: expect.stringContaining('more than the signature of the log'),
  })
  writeFileSync(one.file, 'PK')
  await expect(verify(one.file)).rejects.toMatchObject({
    message: expect.stringContaining('it is not JSON'),
  })
  await expect(verify(join(one.world.directory, 'none'))).rejects.toMatchObject({
    code: 'invalid_input',
  })
})

/** What somebody who holds the bundle could change: each value in it, in every way its kind allows. */
function* mutants(value: unknown, put: (value: unknown) => unknown): Generator {
  if (typeof value === 'string') {
    yield put(value === '' ? 'x' : `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`)
  } else if (typeof value === 'number') yield put(value + 1)
  else if (typeof value === 'boolean') yield put(!value)
  else if (value === null) yield put('x')
  else if (Array.isArray(value)) {
    yield put([...value, ...value.slice(0, 1), 'x'])
    for (const [index, item] of value.entries()) {
      yield put(value.toSpliced(index, 1))
      yield* mutants(item, (changed) => put(value.with(index, changed)))
    }
  } else if (typeof value === 'object') {
    yield put({ ...value, more: 1 })
    for (const [name, member] of Object.entries(value)) {
      const { [name]: _, ...rest } = value as Record<string, unknown>
      yield put(rest)
      yield* mutants(member, (changed) => put({ ...value, [name]: changed }))
    }
  }
}

it('finds a change of anything in it, however it is written again', async () => {
  const { bundle, trusted } = await exported()
  const { signer, runtime } = signing(trusted.signers)
  const { crypto } = runtime
  const known = new Map<string, SignatureFact>()
  const publicKey = readFileSync(trusted.publicKey, 'utf8')
  const judge = async (candidate: EvidenceBundle) => {
    const signatures: (SignatureFact | null)[] = []
    for (const { statement, signature } of candidate.decisions) {
      const key = `${statement} ${signature}`
      const fact = known.get(key) ?? (await factOf(statement, signature))
      if (fact) known.set(key, fact)
      signatures.push(fact)
    }
    return judgeEvidence(candidate, {
      crypto,
      signatures,
      signersGiven: true,
      publicKey,
      checkpoints: null,
    }).outcome
  }
  const factOf = async (statement: string, signature: string | null) => {
    if (signature === null) return null
    const verdict = await signer.verify(statement, signature, approvalNamespace)
    if (verdict.valid) return { valid: true, name: verdict.approver.name } as const
    return { valid: false, unlisted: false, problem: verdict.problem } as const
  }
  expect(await judge(bundle)).toBe('proven')
  let tried = 0
  for (const mutant of mutants(bundle, (changed) => changed)) {
    tried += 1
    const text = JSON.stringify(mutant)
    let candidate: EvidenceBundle
    try {
      candidate = readEvidence(text, 'it').bundle
    } catch {
      continue
    }
    expect(await judge(candidate), text.slice(0, 400)).toBe('contradicted')
  }
  expect(tried).toBeGreaterThan(500)
})

it('has the result of a deployment that was looked at for days', async () => {
  const look = { ...strangeLine, operation: 'get_deployment_status' }
  const { file, trusted } = await exported(undefined, (world, id) =>
    Promise.all(
      Array.from({ length: 600 }, () => world.call.audit.append({ ...look, correlation_id: id })),
    ),
  )
  expect(await verify(file, trusted)).toMatchObject({ exit: 0 })
})

it('says that nobody approved what needed no approval', async () => {
  const { world, trusted } = await exported()
  const { rows } = await world.call.store.read((tables) =>
    tables.deployments.list({ environment: 'staging', limit: 1 }),
  )
  const file = join(world.directory, 'staging.json')
  writeFileSync(file, bundleText(await auditEvidence(world.call, rows[0]!.id)))
  expect(await verify(file, trusted)).toMatchObject({
    exit: 0,
    told: expect.stringMatching(/decision: line \d+ names no approval: nobody was asked/),
  })
})

it('finds that an approval was taken back before it was used', async () => {
  const { bundle, trusted } = await exported()
  const [approved] = bundle.decisions
  const fields = JSON.parse(approved!.statement) as Record<string, Json>
  const early = { verdict: 'revoked', decided_at: '2001-01-01T00:00:00.000Z' }
  const statement = canonicalJson({ ...fields, ...early })
  const decisions = [...bundle.decisions, { ...approved!, verdict: 'revoked' as const, statement }]
  const { findings } = judgeEvidence(
    { ...bundle, decisions },
    {
      crypto: signing(trusted.signers).runtime.crypto,
      signatures: decisions.map(() => ({ valid: true, name: 'ada' })),
      signersGiven: true,
      publicKey: null,
      checkpoints: null,
    },
  )
  const texts = findings.map(({ state, text }) => `${state}: ${text}`)
  expect(texts).toContainEqual(expect.stringMatching(/^contradicted: revoked by ada before line/))
})

/** A change of the store by hand, and what becomes of a bundle that is exported afterwards. */
async function tampered(statement: string) {
  const one = await exported((world, id) => {
    const database = new DatabaseSync(join(world.directory, 'gonogo.db'))
    database.prepare(statement).run(id)
    database.close()
  })
  return await verify(one.file, one.trusted)
}

it('finds what was changed in the store before it was exported', async () => {
  expect(await tampered(`update deployments set status = 'failure' where id = ?`)).toMatchObject({
    exit: 1,
    told: expect.stringContaining('says status success, not failure'),
  })
  const worse = `update evidence set result = replace(result, 'passed', 'warning') where deployment_id = ?`
  expect(await tampered(worse)).toMatchObject({
    exit: 1,
    told: expect.stringMatching(/contradicted gates: the evidence of/),
  })
})

it('says which deployment there is none of, and which has not ended', async () => {
  const world = makeWorld()
  await expect(auditEvidence(world.call, 'dep_none')).rejects.toMatchObject({
    code: 'unknown_deployment',
    hint: expect.stringContaining('gonogo list'),
  })
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  await approve(world, approval.id)
  const { deployment_id } = await promote(world.call, 'v1', { approval_token: approval.id })
  await expect(auditEvidence(world.call, String(deployment_id))).rejects.toMatchObject({
    code: 'pending',
  })
})
