import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runMcp } from '../../src/cli/commands/mcp.ts'
import { exits } from '../../src/cli/exit.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { runInProcess } from '../docs/in-process.ts'
import { makeWorld } from '../support/fake-context.ts'
import { adminToken, sha256 } from '../support/held.ts'

const user = userInfo().username
let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gonogo-tokens-'))
  mkdirSync(join(cwd, 'state'))
  writeFileSync(
    join(cwd, 'gonogo.yaml'),
    'project: clinic\nstate_directory: ./state\nenvironments: { staging: {}, production: {} }\n',
  )
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const run = (argv: string, env: Record<string, string> = {}) =>
  runInProcess(argv.split(' '), { cwd, env: { HOME: cwd, PATH: process.env.PATH, ...env } })

interface Told {
  exitCode: number
  principal: string | null
  source: string
  problem: string | null
  token: unknown
  tokens: unknown
  role: string | null
  permissions: {
    tool: string
    environment: string | null
    allowed: boolean
    why: string
    approval: unknown
  }[]
}

const json = async (argv: string, env: Record<string, string> = {}) => {
  const { stdout, exitCode } = await run(`${argv} --json`, env)
  return { ...(JSON.parse(stdout) as Told), exitCode }
}

/** A token's secret, made as a person makes one. */
const make = async (flags: string) => (await run(`token create ${flags}`)).stdout.trim()

describe('gonogo token', () => {
  it('prints a token alone on stdout, once', async () => {
    const made = await run('token create ci --role deployer --environment staging --expires 30d')
    expect(made.exitCode).toBe(exits.done)
    expect(made.stdout).toMatch(/^gng_[0-9a-f]{48}\n$/)
    expect(made.stderr).toMatch(/ci \(tok_.*\): deployer for staging, ends in (29|30) days/)
    expect(made.stderr).not.toContain(made.stdout.trim())
    const list = await run('token list')
    expect(list.stdout).toMatch(/ci +tok_\w+ +deployer +staging +active/)
    const listed = await json('token list')
    expect(listed.tokens).toMatchObject([
      { name: 'ci', label: `sha256:${sha256(made.stdout.trim()).slice(0, 12)}`, state: 'active' },
    ])
    for (const text of [list.text, JSON.stringify(listed)])
      expect(text).not.toContain(made.stdout.trim().slice(4))
    expect(await run('token revoke ci')).toMatchObject({ exitCode: exits.done })
    expect((await json('token list')).tokens).toMatchObject([{ state: 'revoked' }])
    expect(await run('token revoke ci')).toMatchObject({ exitCode: exits.usage })
  })

  it.each([
    ['token create x', 'role'],
    ['token create x --role admin', 'auditor, operator, deployer'],
    ['token create x --role auditor --expires soon', '90d'],
    ['token create x --role auditor --environment qa', '"qa" is not configured'],
  ])('refuses %s', async (argv, message) => {
    const { exitCode, stderr } = await run(argv)
    expect(exitCode).toBe(exits.usage)
    expect(stderr).toContain(message)
  })
})

describe('gonogo whoami', () => {
  it('is the operating-system user, without a token', async () => {
    const { principal, source, token, exitCode } = await json('whoami')
    expect({ principal, token, exitCode }).toEqual({
      principal: `automation:${user}`,
      token: null,
      exitCode: exits.done,
    })
    expect(source).toContain('nobody is at a terminal')
  })

  it('is the token, from a variable or a file', async () => {
    const secret = await make('watcher --role auditor')
    const file = join(cwd, 'token')
    writeFileSync(file, `${secret}\n`)
    for (const env of [{ GONOGO_TOKEN: secret }, { GONOGO_TOKEN_FILE: file }]) {
      expect(await json('whoami', env)).toMatchObject({
        principal: 'automation:watcher',
        token: { name: 'watcher', role: 'auditor', environments: [] },
        problem: null,
      })
    }
    const { stdout } = await run('whoami', { GONOGO_TOKEN: secret })
    expect(stdout).toMatch(/calls as +automation:watcher\n/)
    expect(stdout).toMatch(new RegExp(`at the desk +automation:${user}: tokens are for calls only`))
  })

  it('is nobody with a token that does not count, and says why', async () => {
    const secret = await make('gone --role auditor')
    await run('token revoke gone')
    const { principal, problem, exitCode } = await json('whoami', { GONOGO_TOKEN: secret })
    expect({ principal, exitCode }).toEqual({ principal: null, exitCode: exits.notPermitted })
    expect(problem).toMatch(/gone \(tok_.*\) is revoked/)
    const wrong = await run('whoami', { GONOGO_TOKEN: 'gng_wrong' })
    expect(wrong.stdout).toContain('nobody: every call is refused')
    expect(wrong.text).not.toContain('gng_wrong')
  })

  it('refuses a token file that is not there, holds nothing, or could be read for ever', async () => {
    const [empty, pipe, long] = [join(cwd, 'empty'), join(cwd, 'pipe'), join(cwd, 'long')]
    writeFileSync(empty, '\n')
    writeFileSync(long, 'x'.repeat(5000))
    execFileSync('mkfifo', [pipe])
    for (const [file, problem] of [
      [join(cwd, 'none'), 'cannot be read (ENOENT)'],
      [empty, 'is empty'],
      [pipe, 'is not a regular file'],
      [long, 'is 5000 bytes long, which no token is'],
    ]) {
      const { exitCode, stderr } = await run('whoami', { GONOGO_TOKEN_FILE: file! })
      expect(exitCode).toBe(exits.usage)
      expect(stderr).toContain(`GONOGO_TOKEN_FILE: ${file} ${problem}`)
    }
  })
})

const allowed = ({ permissions }: Told) =>
  permissions
    .filter((row) => row.allowed)
    .map(({ tool, environment }) => `${tool} ${environment ?? '-'}`)

describe('gonogo permissions', () => {
  it('says per tool and environment what a role may do', async () => {
    const secret = await make('helper --role operator --environment staging')
    const told = await json('permissions', { GONOGO_TOKEN: secret })
    expect(told.role).toBe('operator')
    expect(allowed(told)).toEqual([
      'validate_deployment staging',
      'run_security_scan -',
      'run_smoke_tests staging',
      'get_deployment_status -',
      'list_deployments -',
    ])
    const { stdout } = await run('permissions', { GONOGO_TOKEN: secret })
    expect(stdout).toMatch(
      /promote_to_production +production +no +- +the role operator may not call/,
    )
  })

  it('says whose approval a change wants', async () => {
    const { permissions } = await json('permissions')
    const promotion = permissions.find(({ tool }) => tool === 'promote_to_production')
    expect(promotion).toMatchObject({
      allowed: false,
      why: 'no pipeline is configured',
      approval: { count: 1, people: [], level: 'L0', reason: 'optional' },
    })
  })

  it('warns of static tokens that are easy to guess, and never shows them', async () => {
    const tokens = { DEPLOYMENT_ADMIN_TOKENS: `letmein,old:sha256:${'ab'.repeat(32)}:2020-01-01` }
    const { stdout } = await run('permissions', tokens)
    expect(stdout).toMatch(
      /warning: the static token sha256:\w{12} .* easy to guess: shorter than 16/,
    )
    expect(stdout).toContain('warning: the static token old of DEPLOYMENT_ADMIN_TOKENS has expired')
    expect(stdout).not.toContain('letmein')
  })
})

it('limits the command line like every other caller', async () => {
  const secret = await make('reader --role auditor')
  expect((await run('list', { GONOGO_TOKEN: secret })).exitCode).toBe(exits.done)
  const refused = await run('scan main', { GONOGO_TOKEN: secret })
  expect(refused.exitCode).toBe(exits.notPermitted)
  expect(refused.stderr).toContain('reader: the role auditor may not run gonogo scan')
  const { stderr, exitCode } = await run('list', { GONOGO_TOKEN: `gng_${'0'.repeat(48)}` })
  expect(exitCode).toBe(exits.notPermitted)
  expect(stderr).toContain('is none of this project')
})

it('warns of static tokens that are easy to guess when it starts to serve MCP', async () => {
  const adminTokens = [adminToken('letmein', { weakness: 'shorter than 16 characters' })]
  const { call } = makeWorld({ adminTokens })
  const told: string[] = []
  const surface = {
    connect: async () => call,
    err: { write: (text: string) => told.push(text) },
    serveMcp: async ({ connect }: { connect: () => Promise<unknown> }) => {
      await connect()
      await connect()
    },
  }
  await runMcp(surface as unknown as Surface, { waitSeconds: '45' })
  expect(told).toHaveLength(2)
  expect(told[1]).toMatch(/static token sha256:\w{12} .* is easy to guess: shorter than 16/)
  expect(told.join('')).not.toContain('letmein')
})
