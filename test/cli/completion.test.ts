import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../src/adapters/store/store.ts'
import { completionScript, type Shell } from '../../src/cli/completion/scripts.ts'
import { approval, deployment, runtime } from '../adapters/store/rows.ts'
import { run } from '../support/clinic.ts'
import { makeRepository, type Repository } from '../support/repository.ts'

let repository: Repository
let script: string
let env: Record<string, string>

beforeAll(async () => {
  repository = await makeRepository()
  const { directory } = repository
  await writeFile(
    join(directory, 'gonogo.yaml'),
    `project: clinic
state_directory: .git/state
notifications: [{ name: team, kind: slack, url_env: TEAM_URL, hosts: [x.test] }]
environments:
  staging: { url: "http://127.0.0.1:9" }
  production: { url: "http://127.0.0.1:8" }
`,
  )
  await mkdir(join(directory, 'keys'))
  await writeFile(join(directory, 'keys', 'my key'), '')
  await repository.commit({ 'a.txt': 'a' })
  await repository.git('tag', 'v1.4.0')
  await repository.git('branch', 'x;$(touch${IFS}hacked)')
  env = { PATH: process.env['PATH'] ?? '', HOME: directory, LANG: 'C.UTF-8' }
  script = (await run(['completion', 'bash'], { cwd: directory, env })).stdout
})
afterAll(() => repository.remove())

/** What bash would offer for each line, the cursor at its end. One word for `=`, as bash splits. */
async function offered(lines: readonly (readonly string[])[]): Promise<string[][]> {
  const asks = lines.map((words) => {
    const quoted = ['gonogo', ...words].map((word) => `'${word}'`).join(' ')
    return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _gonogo; printf '%s\\n' "\${COMPREPLY[@]}" ===`
  })
  const text = [script, ...asks].join('\n')
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', text], {
    cwd: repository.directory,
    env,
  })
  expect(stderr).toBe('')
  return stdout
    .split('===\n')
    .slice(0, -1)
    .map((part) => part.split('\n').filter(Boolean))
}

test('bash completes commands, flags, choices and what the project has', async () => {
  const [commands, inner, flags, choices, assigned, environments, refs, paths] = await offered([
    ['ro'],
    ['approver', ''],
    ['list', '--en'],
    ['install', '--client', 'c'],
    ['list', '--environment', '=', 'st'],
    ['--quiet', 'validate', ''],
    ['deploy', ''],
    ['approve', '--key', 'keys/'],
  ])
  expect(commands).toEqual(['rollback'])
  expect(inner).toEqual(['list', 'add', 'remove', 'help'])
  expect(flags).toEqual(['--environment'])
  expect(choices).toEqual(['claude-code', 'claude-desktop', 'cursor', 'codex'])
  expect(assigned).toEqual(['staging'])
  expect(environments).toEqual(['staging', 'production'])
  // A name that a shell would run is left out.
  expect(refs?.toSorted()).toEqual(['main', 'v1.4.0'])
  expect(paths).toEqual(['keys/my key'])
})

test('ids come from the store; where there is none, asking makes none', async () => {
  const state = join(repository.directory, '.git', 'state')
  expect(await offered([['status', '']])).toEqual([[]])
  expect(existsSync(state)).toBe(false)

  const store = openStore({ directory: state, project: 'clinic', runtime })
  const later = Date.now() + 60_000
  await store.write(async ({ deployments, approvals, holds, callerTokens }) => {
    await deployments.insert(deployment('dep_1', { status: 'success', phase: 'ended' }))
    await approvals.insert(approval('apr_open', { expires_at: later }))
    await approvals.insert(approval('apr_old', { environment: 'staging' }))
    const given = { requester: 'agent:other', state: 'approved', expires_at: later } as const
    await approvals.insert(approval('apr_given', given))
    await callerTokens.insert({
      id: 'tok_1',
      name: 'ci',
      sha256: 'a'.repeat(64),
      role: 'deployer',
      environments: [],
      created_by: 'human:ada',
      created_at: 1,
      expires_at: null,
      revoked_at: null,
    })
    const sha = 'c'.repeat(40)
    await holds.insert({ environment: 'production', sha, version: 'v1.3.0', reason: 'r', since: 1 })
  })
  await store.close()
  const answers = await offered([
    ['status', 'dep'],
    ['approve', ''],
    ['hold', 'lift', 'production', ''],
    ['promote', ''],
    ['approval', 'revoke', ''],
    ['token', 'revoke', ''],
    ['notifications', 'test', ''],
  ])
  expect(answers.slice(0, 4)).toEqual([['dep_1'], ['apr_open'], ['v1.3.0'], ['v1.4.0']])
  expect(answers[4]?.toSorted()).toEqual(['apr_given', 'apr_open'])
  expect(answers.slice(5)).toEqual([['ci'], ['team']])
})

test('a project that cannot be opened is no answer, and silent', async () => {
  const { directory } = repository
  const words = ['--', '--project', join(directory, 'keys'), 'validate', '']
  const outcome = await run(['complete', ...words], { cwd: directory, env })
  expect(outcome).toMatchObject({ stdout: '', stderr: '', exitCode: 0 })
})

test('each shell gets a script that calls this gonogo by its path, whatever that is', () => {
  const command = ['/opt/node', "/home/o'hara/gonogo/main.js"]
  const call = (shell: Shell) => /.* complete .*/.exec(completionScript(shell, command))![0]
  expect(call('zsh')).toContain(`'/opt/node' '/home/o'\\''hara/gonogo/main.js' complete -- `)
  expect(call('fish')).toContain(`'/opt/node' '/home/o\\'hara/gonogo/main.js' complete -- `)
  expect(call('powershell')).toContain(`'/opt/node' '/home/o''hara/gonogo/main.js' complete `)
  expect(script).toContain(`'${process.execPath}' `)
})
