import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { createApprovers } from '../../src/adapters/ssh/approvers.ts'
import { createSigner } from '../../src/adapters/ssh/signer.ts'
import { approvalNamespace } from '../../src/core/approval.ts'
import { exportRequest } from '../../src/desk/portable.ts'
import { runInProcess } from '../docs/in-process.ts'
import { makeWorld } from '../support/fake-context.ts'
import { promote, stage } from '../tools/support/journey.ts'

/** A directory with a key and an exported request, and nothing of the project. */
async function elsewhere() {
  const world = makeWorld()
  await stage(world, 'v1')
  const { id } = (await promote(world.call, 'v1')).approval
  const portable = await exportRequest(world.call, id)
  const cwd = mkdtempSync(join(tmpdir(), 'gonogo-elsewhere-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(cwd, 'key')])
  writeFileSync(join(cwd, 'request.json'), JSON.stringify({ schema_version: 1, ...portable }))
  const env = { PATH: process.env.PATH, HOME: cwd, NO_COLOR: '1' }
  const file = (name: string) => join(cwd, name)
  const approve = (...flags: string[]) =>
    runInProcess(['approve', '--request', file('request.json'), ...flags], { cwd, env })
  return { id, portable, file, approve }
}

it('shows and signs a request where no project is', async () => {
  const { id, portable, file, approve } = await elsewhere()
  const key = ['--key', file('key')]
  const asked = await approve(...key)
  expect(asked.exitCode).toBe(2)
  expect(asked.stderr).toContain('--confirm production')
  const declined = await approve(...key, '--confirm', 'staging')
  expect(declined).toMatchObject({ exitCode: 3, stdout: '' })

  const signed = await approve(...key, '--confirm', 'production', '--reason', 'seen')
  expect(signed.exitCode).toBe(0)
  expect(signed.stderr).toContain('Promote clinic in production')
  expect(signed.stderr).toContain('restart production')
  const decision = JSON.parse(signed.stdout) as Record<string, string>
  expect(decision).toMatchObject({ schema_version: 1, approval_id: id })
  const { statement = '', signature = '' } = decision
  expect(JSON.parse(statement)).toMatchObject({
    verdict: 'approved',
    reason: 'seen',
    request: portable.request,
  })
  const approvers = createApprovers({ path: file('approvers') })
  const deps = { processes: createProcesses(), env: {}, terminal: false }
  const signer = createSigner({ ...deps, approvers })
  await approvers.add('ada', await signer.inspect(file('key')))
  expect(await signer.verify(statement, signature, approvalNamespace)).toMatchObject({
    valid: true,
    approver: { name: 'ada' },
  })
})

it('signs nothing that was changed on the way', async () => {
  const { portable, file, approve } = await elsewhere()
  const plan = { ...portable.plan, skips: [], environment: 'staging' }
  writeFileSync(file('request.json'), JSON.stringify({ ...portable, plan }))
  const refused = await approve('--key', file('key'), '--confirm', 'production')
  expect(refused).toMatchObject({ exitCode: 4, stdout: '' })
  expect(refused.stderr).toContain('it was changed')
})

it.each([
  ['apr_1', '--request: takes no approval id besides'],
  ['--code', '--request: takes no --code besides'],
])('takes no %s besides', async (flag, message) => {
  const { approve } = await elsewhere()
  const refused = await approve(flag)
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain(message)
})
