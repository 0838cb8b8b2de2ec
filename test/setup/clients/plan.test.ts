import { parse as parseToml } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { clients, type Client, type ClientId } from '../../../src/setup/clients/clients.ts'
import { entryFor } from '../../../src/setup/clients/entry.ts'
import { planInstall, planUninstall } from '../../../src/setup/clients/plan.ts'
import { describeServer, type ServerOptions } from '../../../src/setup/clients/server.ts'

const file = '/home/ada/config'
const options: ServerOptions = {
  name: 'gonogo',
  command: ['/opt/node', '/opt/gonogo/dist/main.js'],
  project: '/srv/shop',
  readOnly: false,
  env: {},
  cwd: '/srv',
  passed: [],
}

function client(id: ClientId): Client {
  return clients.find((one) => one.id === id)!
}

function install(id: ClientId, text: string | null, changes: Partial<ServerOptions> = {}) {
  const server = describeServer({ ...options, ...changes })
  const wanted = entryFor(client(id), server, '/usr/bin')
  return planInstall(client(id), { file, text }, server.name, wanted)
}

function uninstall(id: ClientId, text: string, name = 'gonogo') {
  return planUninstall(client(id), { file, text }, name)
}

function withKey(id: ClientId): string {
  return install(id, null, { passed: ['DEPLOY_KEY'] }).text!
}

const jsonc = `// servers of our team
{
\t"theme": "dark", // theirs
\t"mcpServers": {
\t\t/* do not touch */
\t\t"other": { "command": "x", "env": { "API_KEY": "hunter2" } },
\t},
}
`
const toml = `# mine
model = "large"
notice = """
[mcp_servers.gonogo]
command = "only text"
"""

[mcp_servers.other]
command = "x"
startup_timeout_sec = 10.0
args = [
  "a", # why
  "b",
]

[projects."/srv/shop"]
trust_level = "trusted"
started = 2026-01-02T03:04:05Z
`

describe('what stands in the file already', () => {
  test.each([
    ['comments, tabs and trailing commas', 'cursor', jsonc],
    ['Windows line ends', 'cursor', jsonc.replaceAll('\n', '\r\n')],
    ['a byte order mark', 'cursor', `\ufeff${jsonc}`],
    ['no line end at the end', 'gemini', '{\n  "theme": "dark"\n}'],
    [
      'another server',
      'vscode',
      '{\n    "servers": {\n        "b": { "url": "http://x" }\n    }\n}\n',
    ],
    ['TOML', 'codex', toml],
    ['TOML with Windows line ends', 'codex', toml.replaceAll('\n', '\r\n')],
    ['TOML without a line end at the end', 'codex', toml.trimEnd()],
    ['an empty TOML file', 'codex', ''],
  ] as const)('%s: is the same after install and uninstall', (_what, id, before) => {
    const passed = id === 'gemini' ? [] : ['DEPLOY_KEY']
    const added = install(id, before, { passed })
    expect(added.state).toBe('added')
    expect(added.text).not.toBe(before)
    expect(uninstall(id, added.text!)).toMatchObject({ state: 'removed', text: before })
  })

  test('every line of it is still there after install', () => {
    for (const [id, before] of [
      ['cursor', jsonc],
      ['codex', toml],
    ] as const) {
      const lines = install(id, before).text!.split('\n')
      expect(lines).toEqual(expect.arrayContaining(before.split('\n')))
    }
  })

  test('a second run finds nothing to do', () => {
    for (const { id } of clients) {
      const once = install(id, null, { passed: ['DEPLOY_KEY'] }).text
      expect(install(id, once, { passed: ['DEPLOY_KEY'] })).toMatchObject({
        state: 'already_there',
        text: null,
      })
    }
  })
})

describe('an entry of gonogo', () => {
  test('is brought up to date, and keeps what somebody added to it', () => {
    const before = `{
  "mcpServers": {
    "gonogo": {
      // slow machine
      "timeout": 9000,
      "command": "/old/node",
      "args": ["/old/gonogo/dist/main.js", "mcp", "--project", "/old"],
      "env": { "PATH": "/mine", "MINE": "hunter2", "GONOGO_STATE_DIR": "/old/state" }
    }
  }
}
`
    const { state, text, difference } = install('gemini', before, { readOnly: true })
    expect(state).toBe('updated')
    expect(text).toContain('// slow machine')
    const { gonogo } = JSON.parse(text!.replace('// slow machine', '')).mcpServers
    expect(gonogo).toEqual({
      timeout: 9000,
      command: '/opt/node',
      args: ['/opt/gonogo/dist/main.js', 'mcp', '--project', '/srv/shop', '--read-only'],
      env: { MINE: 'hunter2', PATH: '/mine' },
    })
    expect(difference).toContain('-   "command": "/old/node",')
    expect(difference).toContain('+   "command": "/opt/node",')
    const removed = uninstall('gemini', text!).difference
    expect(removed).toContain('-     "MINE": "(kept)"')
    expect([...difference, ...removed].join('\n')).not.toContain('hunter2')
  })

  test('is brought up to date in TOML, with its other settings and tables', () => {
    const before = `[mcp_servers.gonogo] # ours
command = "/old/node"
startup_timeout_sec = 20.0
args = [
  "/old/gonogo/dist/main.js",
  "mcp", "--project", "/old",
]

[mcp_servers.gonogo.env]
MINE = "hunter2"

[mcp_servers.gonogo.tools.list_deployments]
approval_mode = "auto"
`
    const { state, text, difference } = install('codex', before)
    expect(state).toBe('updated')
    expect(text).toContain('startup_timeout_sec = 20.0\n')
    expect(parseToml(text!)).toEqual({
      mcp_servers: {
        gonogo: {
          command: '/opt/node',
          args: ['/opt/gonogo/dist/main.js', 'mcp', '--project', '/srv/shop'],
          env: { MINE: 'hunter2' },
          startup_timeout_sec: 20,
          tools: { list_deployments: { approval_mode: 'auto' } },
        },
      },
    })
    expect(difference.join('\n')).not.toContain('hunter2')
    expect(parseToml(uninstall('codex', text!).text!)).toEqual({})
  })

  test.each([
    ['cursor', '{ "mcpServers": { "gonogo": { "command": "npx", "args": ["-y", "go-nogo"] } } }'],
    ['codex', '[mcp_servers.gonogo]\nurl = "https://example.org/mcp"\n'],
  ] as const)('of another program by that name is refused (%s)', (id, before) => {
    const refusal = expect.objectContaining({
      message: expect.stringContaining('does not start gonogo'),
      hint: expect.stringContaining('--name'),
    })
    expect(() => install(id, before)).toThrow(refusal)
    expect(() => uninstall(id, before)).toThrow(refusal)
    expect(install(id, before, { name: 'deploys' }).state).toBe('added')
  })
})

describe('a file that cannot be edited safely', () => {
  test.each([
    ['broken JSON', 'cursor', '{\n  "mcpServers": {\n    oops\n  }\n}', `${file}:3: `],
    ['broken TOML', 'codex', 'a = 1\nb = = 2\n', `${file}:2: `],
    ['a list', 'cursor', '[]', 'holds no settings by name'],
    ['servers as a list', 'cursor', '{ "mcpServers": [] }', 'mcpServers holds no settings'],
    ['an inline table', 'codex', 'mcp_servers = { other = { command = "x" } }\n', 'shape'],
    ['a key twice', 'cursor', '{ "mcpServers": {}, "mcpServers": { "b": {} } }', 'shape'],
  ] as const)('%s is left alone, and the message says where', (_what, id, before, message) => {
    expect(() => install(id, before)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    )
  })
})

test('an entry that is null is replaced, and no name of JavaScript is taken for a server', () => {
  const { state, text } = install('cursor', '{ "mcpServers": { "gonogo": null } }')
  expect([state, text!.match(/"gonogo"/g)]).toEqual(['added', ['"gonogo"']])
  expect(uninstall('cursor', text!).state).toBe('removed')
  expect(install('cursor', '{ "mcpServers": {} }', { name: 'constructor' }).state).toBe('added')
  expect(uninstall('cursor', '{}', 'toString').state).toBe('not_there')
})

describe('variables', () => {
  test('secrets are handed on by reference, in the way of each client', () => {
    const envOf = (id: ClientId) => JSON.parse(withKey(id)).mcpServers.gonogo.env
    expect(envOf('claude-code')).toEqual({ DEPLOY_KEY: '${DEPLOY_KEY:-}' })
    expect(envOf('gemini')).toEqual({ DEPLOY_KEY: '${DEPLOY_KEY:-}' })
    expect(envOf('cursor')).toEqual({ DEPLOY_KEY: '${env:DEPLOY_KEY}' })
    expect(parseToml(withKey('codex'))).toMatchObject({
      mcp_servers: { gonogo: { env_vars: ['DEPLOY_KEY'] } },
    })
    expect(JSON.parse(withKey('vscode'))).toMatchObject({
      inputs: [{ type: 'promptString', id: 'gonogo-DEPLOY_KEY', password: true }],
      servers: { gonogo: { env: { DEPLOY_KEY: '${input:gonogo-DEPLOY_KEY}' } } },
    })
    expect(envOf('claude-desktop')).toEqual({ PATH: '/usr/bin' })
  })

  test('an input that another server uses stays when gonogo goes', () => {
    const data = JSON.parse(install('vscode', null, { passed: ['A', 'B'] }).text!)
    data.servers.other = { command: 'x', env: { K: '${input:gonogo-A}' } }
    const left = JSON.parse(uninstall('vscode', JSON.stringify(data)).text!)
    expect(left.inputs.map((input: { id: string }) => input.id)).toEqual(['gonogo-A'])
    expect(Object.keys(left.servers)).toEqual(['other'])
  })

  test('what decides about the project goes along, secrets and everything else do not', () => {
    const env = {
      GONOGO_STATE_DIR: 'state',
      STAGING_URL: 'https://staging.example.org',
      PRODUCTION_URL: 'https://example.org/?token=hunter2',
      GITHUB_TOKEN: 'ghp_hunter2',
      DEPLOYMENT_ADMIN_TOKENS: 'hunter2',
      OTHER: 'x',
    }
    const { text } = install('cursor', null, { env })
    expect(JSON.parse(text!).mcpServers.gonogo.env).toEqual({
      GONOGO_STATE_DIR: '/srv/state',
      STAGING_URL: 'https://staging.example.org',
      PRODUCTION_URL: '${env:PRODUCTION_URL}',
    })
  })

  test('a path that the client would take for a variable is refused', () => {
    for (const project of ['/srv/${x}', '/srv/$x']) {
      expect(() => install('gemini', null, { project })).toThrow(/looks like a variable/)
    }
    expect(install('cursor', null, { project: '/srv/$x' }).state).toBe('added')
    expect(install('codex', null, { project: '/srv/${x}' }).state).toBe('added')
  })
})
