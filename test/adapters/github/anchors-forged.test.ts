import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createAnchors } from '../../../src/adapters/github/anchors/anchors.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { auditGenesis, auditText, type AuditLine } from '../../../src/core/audit.ts'
import { splitNotes } from '../../../src/core/signed-note.ts'
import { auditPolicyFor, testAuditLog } from '../../support/audit-log.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { event } from '../audit/fixtures.ts'
import { api } from './approvals/said.ts'
import { openBench, type Bench } from './bench.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

let names = 0

/** A log on another machine than every other one; those of one name share the ref. */
function anchoredLog(name = `gonogo/audit-${++names}`) {
  const ref = `refs/${name}`
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-anchored-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'audit.jsonl')
  const project = fakeProject()
  const anchors = { ...project.audit.anchors, git_ref: ref, github_deployment: false }
  const audit = { ...project.audit, anchors }
  const platform = createAnchors(bench.parts({ project: { ...project, audit } }))!
  const policy = auditPolicyFor(path)
  return { path, name, policy, log: testAuditLog({ path, platform, policy }) }
}

/** Every line anew, in a chain that holds. */
function forge(path: string): void {
  let prev = auditGenesis
  const texts = readFileSync(path, 'utf8').trimEnd().split('\n')
  const forged = texts.map((text) => {
    const line = auditText({ ...(JSON.parse(text) as AuditLine), prev, user: 'human:eve' })
    prev = createRuntime().sha256(line)
    return `${line}\n`
  })
  writeFileSync(path, forged.join(''))
  for (const file of [`${path}.lock.db`, `${path}.checkpoints`]) rmSync(file)
}

const ask = <T>(method: string, path: string, body?: object) =>
  api<T>(bench.hub, bench.hub.token, method, path, body)

/** Puts so many commits with a text on the ref, as somebody does who may push there. */
async function push(name: string, count: number, message: string): Promise<void> {
  const [{ object }] = await ask<[{ object: { sha: string } }]>('GET', `/git/matching-refs/${name}`)
  const { tree } = await ask<{ tree: { sha: string } }>('GET', `/git/commits/${object.sha}`)
  let { sha } = object
  for (let commit = 0; commit < count; commit++) {
    const made = { message, tree: tree.sha, parents: [sha] }
    sha = (await ask<{ sha: string }>('POST', '/git/commits', made)).sha
  }
  await ask('PATCH', `/git/refs/${name}`, { sha })
}

it('a forged log that was signed and anchored many times over does not bury what was anchored before', async () => {
  const { path, name, log } = anchoredLog()
  for (let line = 0; line < 3; line++) await log.append(event())
  expect((await log.checkpoint())?.anchored_at).toEqual([`refs/${name}`])
  expect(await log.verify()).toMatchObject({ consistent: true, anchored: true })
  forge(path)
  await log.append(event())
  const made = await log.checkpoint()
  await push(name, 60, `Checkpoint of the audit log [skip ci]\n\n${made!.note}`)
  const verdict = await log.verify()
  expect(verdict.unread).toEqual([])
  expect(verdict.problems[0]).toMatchObject({
    line: 1,
    problem: expect.stringContaining('are not what the checkpoint at refs/gonogo/audit-'),
  })
  expect(splitNotes(readFileSync(`${path}.checkpoints`, 'utf8'))).toHaveLength(1)
})

it('machines that share a ref tell their own checkpoints by the key that was kept, a forger by none', async () => {
  const one = anchoredLog()
  const other = anchoredLog(one.name)
  const kept = join(dirname(one.path), 'kept.pub')
  for (const { log } of [one, other]) {
    await log.append(event())
    await log.checkpoint()
  }
  copyFileSync(`${one.policy.key_file}.pub`, kept)
  expect(await one.log.verify()).toMatchObject({ consistent: true, anchored: false })
  expect(await one.log.verify({ publicKey: kept })).toMatchObject({
    consistent: true,
    anchored: true,
  })
  for (const file of [one.policy.key_file, `${one.policy.key_file}.pub`]) rmSync(file)
  forge(one.path)
  await one.log.append(event())
  await one.log.checkpoint()
  expect(await one.log.verify()).toMatchObject({ consistent: true, anchored: false })
  const { consistent, problems } = await one.log.verify({ publicKey: kept })
  expect({ consistent, line: problems[0]?.line }).toEqual({ consistent: false, line: 1 })
})

it('a ref that cannot be read counts as none, and the reason is told', async () => {
  const { log } = anchoredLog()
  await log.append(event())
  await log.checkpoint()
  bench.hub.settings.missingPermissions.add('contents=read')
  const verdict = await log.verify()
  bench.hub.settings.missingPermissions.clear()
  expect(verdict).toMatchObject({ consistent: true, anchored: false })
  expect(verdict.unread).toEqual([expect.stringContaining('contents=read')])
  expect(bench.hub.violations).toEqual([])
})
