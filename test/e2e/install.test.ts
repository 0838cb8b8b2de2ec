import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnyJson } from '../support/any-json.ts'
import { run } from '../support/clinic.ts'
import { talkTo } from '../support/raw-mcp.ts'

const secret = 'hunter2'
let root: string

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-install-')))
})
afterAll(() => rm(root, { recursive: true }))

/** A home and a project of a test's own; the project's steps need a secret from gonogo's environment. */
async function place(name: string) {
  const [home, project] = [join(root, name, 'home'), join(root, name, 'my project')]
  await mkdir(home, { recursive: true })
  await mkdir(project)
  const yaml = `project: small
repository: .
environments:
  production: { url: "http://127.0.0.1:9", pass_env: [DEPLOY_KEY] }
`
  await writeFile(join(project, 'gonogo.yaml'), yaml)
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GONOGO_STATE_DIR: join(root, name, 'state'),
    DEPLOY_KEY: secret,
  }
  const install = (...args: string[]) => run(['install', ...args], { cwd: project, env })
  return { home, project, env, install }
}

interface Launch {
  command: string
  args: string[]
  env: Record<string, string>
}

interface Written {
  command: string
  args: string[]
  env?: Record<string, string>
  env_vars?: string[]
}

const shell = (text: string, env: Record<string, string>) =>
  text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (all, name, preset) => env[name] ?? preset ?? all)

/**
 * What each client is documented to do with what its file says. Nothing of the person's shell reaches
 * the server but a search path and a home.
 */
const clients: Record<
  string,
  { file: Record<string, string>; launch: (text: string, env: Record<string, string>) => Launch }
> = {
  'claude-code': {
    file: { project: 'my project/.mcp.json', user: 'home/.claude.json' },
    launch: (text, env) => {
      const { type, ...server } = JSON.parse(text).mcpServers.gonogo
      expect(type).toBe('stdio')
      return expanded(server, (value) => shell(value, env))
    },
  },
  'claude-desktop': {
    file: { user: 'home/.config/Claude/claude_desktop_config.json' },
    launch: (text) => expanded(JSON.parse(text).mcpServers.gonogo, (value) => value),
  },
  vscode: {
    file: { project: 'my project/.vscode/mcp.json', user: 'home/.config/Code/User/mcp.json' },
    launch: (text) => {
      const { inputs, servers } = JSON.parse(text)
      expect(servers.gonogo.type).toBe('stdio')
      return expanded(servers.gonogo, (value) =>
        value.replace(/\$\{input:([^}]+)\}/g, (_all, id) => {
          const asked = inputs.find((input: AnyJson) => input['id'] === id)
          expect(asked).toMatchObject({ type: 'promptString', password: true })
          return secret
        }),
      )
    },
  },
  cursor: {
    file: { project: 'my project/.cursor/mcp.json', user: 'home/.cursor/mcp.json' },
    launch: (text, env) =>
      expanded(JSON.parse(text).mcpServers.gonogo, (value) =>
        value.replace(/\$\{env:(\w+)\}/g, (_all, name) => env[name] ?? ''),
      ),
  },
  codex: {
    file: { project: 'my project/.codex/config.toml', user: 'home/.codex/config.toml' },
    launch: (text, env) => {
      const { mcp_servers } = parseToml(text) as { mcp_servers?: Record<string, Written> }
      const server = mcp_servers!['gonogo']!
      const listed = (server.env_vars ?? []).map((name) => [name, env[name] ?? ''])
      const { command, args, env: own } = server
      return { command, args, env: { ...Object.fromEntries(listed), ...own } }
    },
  },
  gemini: {
    file: { project: 'my project/.gemini/settings.json', user: 'home/.gemini/settings.json' },
    launch: (text, env) =>
      expanded(JSON.parse(text).mcpServers.gonogo, (value) => shell(value, env)),
  },
}

function expanded(server: Written, expand: (text: string) => string): Launch {
  const { command, args, env = {} } = server
  const variables = Object.entries(env).map(([name, value]) => [name, expand(value)])
  return { command: expand(command), args: args.map(expand), env: Object.fromEntries(variables) }
}

const cases = Object.entries(clients).flatMap(([id, { file }]) =>
  Object.keys(file).map((scope) => ({ id, scope })),
)

describe('what install writes starts the server, as the client would', () => {
  test.concurrent.each(cases)('$id, $scope', async ({ id, scope }) => {
    const here = await place(`${id}-${scope}`)
    const { file, launch } = clients[id]!
    const path = join(root, `${id}-${scope}`, file[scope]!)
    const outcome = await here.install('--client', id, '--scope', scope, '--json')
    expect(outcome.json()).toMatchObject({ state: 'added', written: true, file: path })

    const text = await readFile(path, 'utf8')
    expect(text).not.toContain(secret)
    expect((await stat(path)).mode & 0o777).toBe(scope === 'user' ? 0o600 : 0o644)
    const { command, args, env } = launch(text, here.env)
    // Claude Desktop has no way to refer to a variable, and says so.
    if (id === 'claude-desktop') expect(outcome.json()['notes'][0]).toContain('DEPLOY_KEY')
    else expect(env['DEPLOY_KEY']).toBe(secret)

    const base = { PATH: '/usr/bin:/bin', HOME: here.home }
    const child = spawn(command, args, { cwd: tmpdir(), env: { ...base, ...env }, stdio: 'pipe' })
    await using server = talkTo(child)
    await server.initialize()
    const { result } = await server.request('tools/list')
    const names = result!['tools'].map((tool: AnyJson) => tool['name'])
    expect(names).toContain('promote_to_production')
  })
})

test('the server works on the state of the person who installed it', async () => {
  const here = await place('state')
  await here.install('--client', 'cursor')
  const text = await readFile(join(here.project, '.cursor', 'mcp.json'), 'utf8')
  const { command, args, env } = clients['cursor']!.launch(text, here.env)
  const base = { PATH: '/usr/bin:/bin', HOME: here.home }
  const child = spawn(command, args, { cwd: tmpdir(), env: { ...base, ...env }, stdio: 'pipe' })
  await using server = talkTo(child)
  await server.initialize()
  const answer = await server.request('tools/call', { name: 'list_deployments', arguments: {} })
  expect(answer.result).toMatchObject({ structuredContent: { deployments: [] } })
  expect((await stat(here.env.GONOGO_STATE_DIR)).isDirectory()).toBe(true)
})

test('a dry run writes nothing; uninstall leaves what was there', async () => {
  const { home, install } = await place('round')
  const file = join(home, '.gemini', 'settings.json')
  const before = '{\n  // dark is best\n  "theme": "dark"\n}\n'
  await mkdir(join(home, '.gemini'))
  await writeFile(file, before)
  const user = ['--client', 'gemini', '--scope', 'user']
  const dry = await install(...user, '--dry-run')
  expect(dry.stdout).toContain(`would add gonogo in ${file}\n`)
  expect(dry.stdout).toContain('+     "DEPLOY_KEY": "${DEPLOY_KEY:-}"')
  expect(await readFile(file, 'utf8')).toBe(before)
  expect((await install(...user, '--quiet')).stdout).toContain('added gonogo')
  expect((await install(...user)).stdout).toContain('nothing to do')
  expect((await install(...user, '--uninstall')).stdout).toContain('removed gonogo')
  expect(await readFile(file, 'utf8')).toBe(before)
})

test('a file that does not parse is left alone; a client without a file for projects says so', async () => {
  const { project, install } = await place('broken')
  await writeFile(join(project, '.mcp.json'), '{\n  oops\n}')
  const broken = await install('--client', 'claude-code')
  expect(broken.exitCode).toBe(2)
  expect(broken.stderr).toContain(`${join(project, '.mcp.json')}:2: `)
  expect(await readFile(join(project, '.mcp.json'), 'utf8')).toBe('{\n  oops\n}')
  const desktop = await install('--client', 'claude-desktop', '--scope', 'project')
  expect(desktop.stderr).toContain('gonogo install --client claude-desktop --scope user')
})

test('print gives the snippet and the ways of the client; without a client all are listed', async () => {
  const { home, project, env, install } = await place('print')
  await mkdir(join(home, '.cursor'))
  const printed = await install('--client', 'cursor', '--scope', 'user', '--print')
  const { gonogo } = JSON.parse(printed.stdout).mcpServers
  expect(gonogo.args).toEqual(expect.arrayContaining(['mcp', '--project', project]))
  const config = new URL(/cursor:\S+/.exec(printed.stderr)![0]).searchParams.get('config')!
  expect(JSON.parse(Buffer.from(config, 'base64').toString())).toEqual(gonogo)
  const listed = await run(['install', '--json'], { cwd: project, env })
  const present = listed.json()['clients'].filter((one: AnyJson) => one['present'])
  expect(present).toMatchObject([
    {
      client: 'cursor',
      command: 'gonogo install --client cursor',
      files: { project: expect.any(String) },
    },
  ])
})
