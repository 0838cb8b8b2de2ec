import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runInProcess } from '../docs/in-process.ts'
import { mainFile, type RunOptions } from '../support/clinic.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'

/** One project in which v1 runs on staging, tested. */
let shop: Workshop
let project: SmallProject
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({ environments: ['staging', 'production'] })
  await done('deploy', 'v1', '--yes', '--watch')
  await done('smoke', 'staging')
})
afterAll(async () => {
  await project.close()
  await shop.close()
})

/** What a command comes to. Whether a process ends with that is asked of one command per exit code. */
async function command(args: readonly string[], { cwd, env }: Partial<RunOptions> = {}) {
  const at = { cwd: cwd ?? project.root, env: { ...project.env, ...env } }
  const written = await runInProcess(args, at)
  return { ...written, json: () => JSON.parse(written.stdout) as Record<string, unknown> }
}

const gonogo = (...args: string[]) => command(args)

async function done(...args: string[]) {
  const outcome = await gonogo(...args)
  expect(outcome, outcome.stderr).toMatchObject({ exitCode: 0 })
  return outcome
}

/** A request nobody decided yet: one for another plan replaces whatever was there. */
async function openRequest(): Promise<string> {
  const wanted = { staging_version: 'v1' }
  await project.tool('promote_to_production', { ...wanted, skip_smoke_tests: true })
  return (await project.tool('promote_to_production', wanted)).approval.id
}

const sign = (id: string) => gonogo('approve', id, '--key', shop.key, '--confirm', 'production')

it.concurrent.each<[number, string[]]>([
  [0, ['list']],
  [2, ['smoke', 'stagin']],
  [4, ['promote', 'v1', '--approval-token', 'apr_00000000000000000000000000']],
  [6, ['promote', 'v2']],
])('a process ends with %d', async (code, args) => {
  expect(await project.gonogo(args)).toMatchObject({ exitCode: code, signal: null })
})

describe('exit code 0', () => {
  it.concurrent.each([
    ['validate', 'staging', 'v1'],
    ['scan', 'v1', '--dry-run'],
    ['smoke', 'staging'],
    ['deploy', 'v2', '--dry-run'],
    ['promote', 'v1', '--dry-run'],
    // A dry run was done, whatever it says about the real one.
    ['promote', 'v2', '--dry-run'],
    ['list'],
    ['approve'],
    ['approver', 'list'],
    ['hold', 'list'],
    ['audit'],
    ['audit', 'status'],
  ])('%s %s %s', async (...args) => {
    const outcome = await done(...args, '--json')
    expect(outcome.json()).toHaveProperty('schema_version', 1)
  })

  it('for a person with a key who plans, approves and promotes in one command', async () => {
    await openRequest()
    const key = ['--key', shop.key, '--confirm', 'production']
    const promoted = await done('promote', 'v1', ...key, '--watch', '--json')
    expect(promoted.json()).toMatchObject({
      schema_version: 1,
      deployment: { environment: 'production', status: 'success', version: 'v1' },
    })
    // The plan was shown, though nobody was asked.
    expect(promoted.stderr).toContain('Promote small in production')
    expect(promoted.stderr).toMatch(/approved apr_\w+ as ada/)
  })
})

it('1: the answer is no-go', async () => {
  project.live['production']!.mood = 'ill'
  const outcome = await gonogo('smoke', 'production', '--json')
  project.live['production']!.mood = 'well'
  expect(outcome.exitCode).toBe(1)
  expect(outcome.json()).toMatchObject({ environment: 'production', passed: false })
})

describe('exit code 2', () => {
  it.concurrent.each<[string, string[], string, string]>([
    ['an unknown environment', ['smoke', 'stagin'], 'unknown_environment', 'did you mean staging?'],
    ['an unknown deployment', ['status', 'dep_9'], 'unknown_deployment', 'dep_9'],
    ['a deployment to watch that is unknown', ['watch', 'dep_9'], 'unknown_deployment', 'dep_9'],
    ['an unknown request', ['approve', 'apr_9'], 'unknown_approval', 'apr_9'],
    ['a bad value', ['list', '--limit', '0'], 'invalid_input', 'limit: 0'],
    ['no approver of that name', ['approver', 'remove', 'eve'], 'invalid_input', 'eve'],
    [
      'a project that is not there',
      ['list', '--project', '/nowhere'],
      'invalid_configuration',
      '/nowhere',
    ],
    ['a file that is there already', ['init'], 'invalid_input', 'gonogo.yaml exists'],
    ['a write nobody can confirm', ['deploy', 'v1'], 'invalid_input', 'there is no terminal'],
  ])('for %s', async (_, args, code, message) => {
    const outcome = await gonogo(...args, '--json')
    expect(outcome.exitCode).toBe(2)
    expect(outcome.json()).toMatchObject({
      schema_version: 1,
      error: { code, message: expect.stringContaining(message), hint: expect.any(String) },
    })
  })

  it('says the same without --json, on stderr', async () => {
    const { exitCode, stdout, stderr } = await gonogo('smoke', 'stagin')
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^error \(unknown_environment\): .*did you mean staging\?\nnext: .+\n$/)
  })

  it('names the very command to run where nobody can be asked, and starts nothing', async () => {
    const before = (await gonogo('list', '--json')).json()['total_count']
    const { stderr } = await gonogo('deploy', 'v2', '--quiet')
    expect(stderr).toContain('Deploy small in staging')
    expect(stderr).toContain('next: run gonogo deploy v2 --quiet --yes\n')
    expect((await gonogo('list', '--json')).json()['total_count']).toBe(before)
  })

  it('does the same where an approval could be signed', async () => {
    await openRequest()
    const { exitCode, stderr } = await gonogo('promote', 'v1', '--key', shop.key)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`next: run gonogo promote v1 --key ${shop.key} --confirm production\n`)
  })
})

it('3: declined, and nothing is approved', async () => {
  const id = await openRequest()
  const { exitCode, stderr } = await gonogo('approve', id, '--key', shop.key, '--confirm', 'prod')
  expect(exitCode).toBe(3)
  expect(stderr).toContain(`error (declined): the approval of ${id}`)
  expect((await gonogo('approve', '--json')).json()['requests']).toMatchObject([
    { approval_id: id },
  ])
})

describe('exit code 4', () => {
  it('for a wrong token, which is not repeated', async () => {
    const env = { GONOGO_APPROVAL_TOKEN: 'hunter2-hunter2', DEPLOYMENT_ADMIN_TOKENS: 'a,b' }
    for (const flags of [[], ['--json']]) {
      const { exitCode, stdout, stderr } = await command(['promote', 'v1', ...flags], { env })
      expect(exitCode).toBe(4)
      expect(stdout + stderr).toContain('Invalid approval token for production deployment')
      expect(stdout + stderr).not.toContain('hunter2')
    }
    expect((await gonogo('audit')).stdout).not.toContain('hunter2')
  })

  it('for a key that belongs to no approver', async () => {
    const id = await openRequest()
    const stranger = join(project.root, 'stranger')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger])
    const attempt = await gonogo('approve', id, '--key', stranger, '--confirm', 'production')
    expect(attempt.exitCode).toBe(4)
    expect(attempt.stderr).toContain('error (not_permitted)')
  })

  it('for a request that was rejected', async () => {
    const id = await openRequest()
    await done('reject', id, '--reason', 'not on a Friday')
    const { exitCode, stderr } = await gonogo('promote', 'v1', '--approval-token', id)
    expect(exitCode).toBe(4)
    expect(stderr).toContain(`${id} was rejected`)
  })
})

describe('exit code 6', () => {
  it('when a log that nothing outside vouches for holds together', async () => {
    const { exitCode, stdout } = await gonogo('audit', 'verify')
    expect(exitCode).toBe(6)
    expect(stdout).toContain('self-consistent, not anchored')
  })

  it('when a gate blocks, with every reason on a line', async () => {
    const { exitCode, stdout } = await gonogo('promote', 'v2')
    expect(exitCode).toBe(6)
    expect(stdout).toMatch(/^NO-GO: promotion of v2 is blocked$/m)
    expect(stdout).toMatch(/^ {2}✗ runs_on_staging: staging runs v1, not v2/m)
    // Tools name each other; people are told commands.
    expect(stdout).toMatch(/^ {2}✗ staging_smoke_tests: .*run gonogo smoke$/m)
    const outcome = await gonogo('promote', 'v2', '--json')
    expect(outcome.json()).toMatchObject({
      status: 'blocked',
      blockers: [expect.any(String), expect.any(String)],
    })
  })

  it('when an approval is wanted, with the commands for both of them', async () => {
    await openRequest()
    const { exitCode, stdout } = await gonogo('promote', 'v1')
    expect(exitCode).toBe(6)
    expect(stdout).toMatch(/gonogo approve apr_\w+/)
    expect(stdout).toMatch(/--approval-token apr_\w+/)
  })

  it('even with --yes, which approves nothing', async () => {
    await openRequest()
    expect((await gonogo('promote', 'v1', '--yes')).exitCode).toBe(6)
  })

  it('no more, once a person has signed', async () => {
    const id = await openRequest()
    expect((await sign(id)).exitCode).toBe(0)
    const { stdout } = await gonogo('promote', 'v1', '--approval-token', id, '--dry-run')
    expect(stdout).toContain('Would it be accepted? yes: approved by ada')
  })
})

it('dry runs show the whole plan', async () => {
  const { stdout } = await done('deploy', 'v2', '--dry-run')
  expect(stdout).toContain('Deploy small in staging')
  expect(stdout).toMatch(/runs now +v1 /)
  expect(stdout).toMatch(/will run +v2 /)
  expect(stdout).toMatch(/prepare +prepare: sh -c/)
})

it('works on the project it is told to, from anywhere', async () => {
  for (const args of [
    ['list', '--json', '--project', project.root],
    ['--project', project.root, '--json', 'list'],
  ]) {
    const outcome = await command(args, { cwd: '/' })
    expect(outcome.exitCode).toBe(0)
    expect(outcome.json()['total_count']).toBeGreaterThan(0)
  }
  const env = { GONOGO_PROJECT: project.root }
  expect((await command(['list'], { cwd: '/', env })).exitCode).toBe(0)
})

describe('output', () => {
  it.each([
    ['promote', 'v2'],
    ['deploy', 'v2'],
  ])('of %s has no escape codes when it is piped', async (...args) => {
    const { stdout, stderr } = await gonogo(...args)
    expect(stdout + stderr).not.toContain('\u001b')
  })

  it('can be forced to have colours, and --no-color and NO_COLOR win', async () => {
    const forced = { env: { FORCE_COLOR: '1' } }
    expect((await project.gonogo(['promote', 'v2'], forced)).stdout).toContain('\u001b[31m')
    const flag = await project.gonogo(['promote', 'v2', '--no-color'], forced)
    const variable = await project.gonogo(['promote', 'v2'], { env: { NO_COLOR: '1' } })
    for (const { stdout, stderr } of [flag, variable]) {
      expect(stdout).not.toContain('\u001b')
      expect(stderr).toBe('')
    }
  })

  it('keeps data on stdout and progress on stderr, and --quiet drops the progress', async () => {
    const loud = await done('validate', 'staging', 'v1')
    expect(loud.stdout).toMatch(/^GO: v1 for staging is valid\.\n/)
    expect(loud.stderr).toContain('… at work: git_ref_valid')
    expect((await done('validate', 'staging', 'v1', '--quiet')).stderr).toBe('')
  })
})

/** Both pipes are closed before gonogo has written anything. */
async function unread(...args: string[]): Promise<unknown> {
  const { root: cwd, env } = project
  const child = spawn(process.execPath, [mainFile, ...args], { cwd, env })
  child.stdout.destroy()
  child.stderr.destroy()
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

describe('nobody who stops reading', () => {
  it('makes a no-go look like a go', async () => {
    const args = ['promote', 'v2', '--dry-run']
    expect(await Promise.all([unread('promote', 'v2'), unread(...args)])).toEqual([6, 0])
  })

  it('keeps gonogo watch', async () => {
    expect(await unread('watch')).toBe(0)
  })
})
