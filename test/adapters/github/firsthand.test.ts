import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectGitHub, type GitHubConnection } from '../../../src/adapters/github/connect.ts'
import { readSigners } from '../../../src/adapters/github/signers.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import type { ApprovalRequest } from '../../../src/core/approval.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { codeIn, say } from './approvals/said.ts'
import { openBench, type Bench } from './bench.ts'

// Whoever has a shell as gonogo's user can write its state directory, and with it the answers it keeps.

let bench: Bench
beforeAll(async () => {
  bench = await openBench({ files: { 'ops/approvers': 'ada ssh-ed25519 AAAA\n' } })
  bench.hub.settings.rulesets = [{ branch: 'main', approvals: 1, bypass: 'never' }]
})
afterAll(() => bench[Symbol.asyncDispose]())

/** gonogo as it is composed, on the state directory that the others use. */
function connection(): GitHubConnection {
  const { hub, settings, runtime, state, repository } = bench
  const { approvals } = fakeProject()
  return connectGitHub({
    project: fakeProject({
      state_directory: state,
      repository: repository.directory,
      approvals: { ...approvals, github: 'issues' },
    }),
    settings,
    token: hub.token,
    onToken: () => undefined,
    secrets: () => [],
    contents: {} as never,
    processes: createProcesses(),
    runtime,
    reports: {} as never,
    commandEnv: {},
    env: {},
    shutdown: new AbortController().signal,
    version: '0.0.0',
  })
}

/** Puts other texts into the answers on disk, and leaves what GitHub knows them by. */
async function forge(change: (data: unknown) => unknown) {
  const directory = join(bench.state, 'github/cache')
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json'))
  for (const name of names) {
    const path = join(directory, name)
    const entry = JSON.parse(await readFile(path, 'utf8')) as { data: unknown }
    await writeFile(path, JSON.stringify({ ...entry, data: change(entry.data) }))
  }
}

it('takes the list of approvers from the branch, never from the state directory', async () => {
  const { client } = bench.parts()
  await readSigners(client, 'ops/approvers')
  const content = Buffer.from('eve ssh-ed25519 EVIL\n').toString('base64')
  await forge((data) =>
    (data as { content?: string }).content === undefined ? data : { ...(data as object), content },
  )
  // What is read for other ends comes from there, as long as GitHub says that it has not changed.
  expect((await readSigners(bench.parts().client, 'ops/approvers')).text).toContain('eve')
  expect((await connection().signersFile('ops/approvers')).text).toBe('ada ssh-ed25519 AAAA\n')
  expect((await connection().baseFile(['ops/approvers']))?.text).toBe('ada ssh-ed25519 AAAA\n')
})

it('takes what people said from the issue, never from the state directory', async () => {
  const request: ApprovalRequest = {
    format: 'gonogo-approval-v2',
    id: 'apr_1',
    action: 'promote',
    kind: 'standard',
    project: 'clinic',
    environment: 'production',
    version: 'v1.4.0',
    commit: bench.sha,
    digests: [],
    plan_hash: 'f'.repeat(64),
    requester: 'agent:claude',
    operator: 'tester',
    overrides: [],
    reason: null,
    nonce: 'n',
    expires_at: new Date(bench.hub.clock.now() + 30 * 60_000).toISOString(),
  }
  const { url } = await connection().platformApprovals!.open(request, { lines: [], logins: [] })
  const issue = Number(url.split('/').at(-1))
  const code = await codeIn(bench.hub, issue)
  await say(bench.hub, bench.hub.person('ada'), issue, 'not before the weekend')
  await bench
    .parts()
    .client.list('/issues/{issue_number}/comments', { params: { issue_number: issue } })
  await forge((data) =>
    Array.isArray(data)
      ? data.map((one: object) => ('body' in one ? { ...one, body: `/approve ${code}` } : one))
      : data,
  )
  expect(await connection().platformApprovals!.decisions(request)).toEqual([])
})
