import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { configSchemaText } from '../../src/config/json-schema.ts'
import { runCli } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { connect } from '../../src/wiring.ts'
import { directoryOf, processes, type Files } from '../setup/survey/tree.ts'

/** What a person types when a text appears. */
type Typing = readonly (readonly [after: string, keys: string])[]

interface World {
  directory: string
  home: string
  file: string
  init: (args?: string[], typing?: Typing) => Promise<{ exit: number; out: string; err: string }>
}

const shop: Files = {
  'package.json': '{"scripts":{"test":"node --test"}}',
  'package-lock.json': '',
  'server.js': 'app.get("/healthz", ok)\n',
}

function world(files: Files = shop): World {
  const directory = directoryOf(files)
  const home = directoryOf({})
  const init: World['init'] = async (args = [], typing = []) => {
    const [out, err, input] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const isTTY = typing.length > 0
    const surface = surfaceOf({ directory, home, out, err, input, isTTY })
    const waiting = [...typing]
    let [shown, read] = ['', 0]
    err.setEncoding('utf8').on('data', (text: string) => {
      shown += text
      const at = waiting[0] ? shown.indexOf(waiting[0][0], read) : -1
      if (at < 0) return
      read = at + waiting[0]![0].length
      input.write(waiting.shift()![1])
    })
    const exit = await runCli(['init', '--project', directory, ...args], surface)
    expect(waiting).toEqual([])
    return { exit, out: String(out.read() ?? ''), err: shown }
  }
  return { directory, home, file: join(directory, 'gonogo.yaml'), init }
}

function surfaceOf(given: {
  directory: string
  home: string
  out: PassThrough
  err: PassThrough
  input: PassThrough
  isTTY: boolean
}): Surface {
  const { directory, home, out, err, input, isTTY } = given
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1' }
  const common = { env, cwd: directory, command: [], readOnly: false, terminal: false }
  return {
    version: '0',
    ...common,
    out,
    err: Object.assign(err, { isTTY, columns: 100 }),
    input: Object.assign(input, { isTTY }),
    interrupted: new AbortController().signal,
    processes: async () => processes,
    connect: (options: { directory?: string }) =>
      connect({ ...common, ...options, shutdown: new AbortController().signal }),
  } as unknown as Surface
}

describe('gonogo init --yes', () => {
  it('writes the file and its schema, and says what it rests on and what comes next', async () => {
    const { directory, file, init } = world()
    const { exit, out, err } = await init(['--yes'])
    expect([exit, out]).toEqual([0, `wrote ${file}\n`])
    expect(readFileSync(file, 'utf8')).toContain('run: [npm, test] } # package.json:1')
    const schema = readFileSync(join(directory, 'gonogo.schema.json'), 'utf8')
    expect(schema).toBe(configSchemaText())
    expect(err).toMatch(/health of api +\/healthz +guess +server\.js:1/)
    expect(err).toMatch(/url of production +environments\.production\.url/)
    expect(err).toContain('  gonogo doctor\n')
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('answers as one JSON object, without asking even at a terminal', async () => {
    const { file, init } = world()
    const { exit, out } = await init(['--json'])
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      schema_version: 1,
      file,
      written: true,
      found: expect.arrayContaining([
        { what: 'health of api', value: '/healthz', evidence: 'server.js:1', sure: false },
      ]),
      missing: expect.arrayContaining([
        { what: 'url of staging', how: 'environments.staging.url' },
      ]),
      next: expect.arrayContaining(['gonogo config show']),
    })
  })

  it('never replaces a file without showing the difference and being told to', async () => {
    const { file, init } = world({ ...shop, 'gonogo.yaml': 'project: mine\u001b[31m\n' })
    const refused = await init(['--yes'])
    expect(refused.exit).toBe(2)
    expect(refused.err).toContain('-project: mine\n')
    expect(refused.err).toContain('--overwrite')
    expect(readFileSync(file, 'utf8')).toBe('project: mine\u001b[31m\n')

    const replaced = await init(['--yes', '--overwrite'])
    expect([replaced.exit, replaced.err.includes('-project: mine\n')]).toEqual([0, true])
    const again = await init(['--yes'])
    expect([again.exit, again.out]).toEqual([0, `${file} is like this already\n`])
  })

  it('refuses a second configuration and a directory that is none, each with a way on', async () => {
    const { directory, init } = world({ 'gonogo.yml': 'project: mine\n' })
    const second = await init(['--yes'])
    expect([second.exit, existsSync(join(directory, 'gonogo.yaml'))]).toEqual([2, false])
    expect(second.err).toContain('mv gonogo.yml gonogo.yaml')
    const nowhere = await init(['--yes', '--project', join(directory, 'gonogo.yml')])
    expect([nowhere.exit, nowhere.err]).toEqual([2, expect.stringContaining('--project DIR')])
  })
})

/** A workflow that deploys to production on these events. */
function deploys(on: string): string {
  return `on: ${on}\njobs:\n  deploy: { runs-on: x, environment: production, steps: [{ run: kamal deploy }] }\n`
}

describe('gonogo init --pipeline github', () => {
  const github = ['--yes', '--pipeline', 'github']

  it('writes the workflow that comes with gonogo, for the environments of the project, once', async () => {
    const { directory, init } = world({
      ...shop,
      '.github/workflows/push.yml': deploys('push').replace('production', 'live'),
    })
    const { exit, out, err } = await init(github)
    const file = join(directory, '.github/workflows/cd.yml')
    expect([exit, out.split('\n')[1]]).toEqual([0, `wrote ${file}`])
    expect(err).toContain('marked YOURS in .github/workflows/cd.yml')
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('options: [staging, live]')
    expect(text).toContain('OPEN: staging\n')
    writeFileSync(file, `${text}# mine\n`)
    const again = await init([...github, '--overwrite'])
    expect([again.exit, readFileSync(file, 'utf8')]).toEqual([0, `${text}# mine\n`])
  })

  it('shows what an existing workflow lacks, and leaves it alone', async () => {
    const before = deploys('workflow_dispatch')
    const { directory, init } = world({ ...shop, '.github/workflows/ship.yml': before })
    const { exit, err } = await init(github)
    expect(exit).toBe(0)
    expect(err).toContain('+run-name: Deploy (${{ inputs.deployment_id }})\n')
    expect(err).toContain('+      approval:\n')
    expect(err).toContain(
      '  gonogo preflight .github/workflows/ship.yml --environment production\n',
    )
    expect(readFileSync(join(directory, '.github/workflows/ship.yml'), 'utf8')).toBe(before)
    const { out } = await init([...github, '--json'])
    expect(JSON.parse(out).workflow).toMatchObject({
      path: '.github/workflows/ship.yml',
      written: false,
      difference: expect.stringContaining('+      deployment_id:\n'),
    })
  })

  it('says the same in words where no difference can be made', async () => {
    const text = deploys('{ workflow_dispatch: {} }')
    const { init } = world({ ...shop, '.github/workflows/ship.yml': text })
    const { exit, err } = await init(github)
    expect([exit, err]).toEqual([0, expect.stringContaining('ship.yml: the inputs deployment_id')])
  })

  it('never overwrites a workflow, and writes nothing where it would have to', async () => {
    const { file, init } = world({ ...shop, '.github/workflows/cd.yml': deploys('push') })
    const { exit, err } = await init(github)
    expect([exit, existsSync(file)]).toEqual([2, false])
    expect(err).toContain('.github/workflows/cd.yml exists')
    expect(err).toContain('add workflow_dispatch')
  })

  it('follows no link out of the repository', async () => {
    const { directory, home, init } = world()
    symlinkSync(home, join(directory, '.github'))
    const { exit, err } = await init(github)
    expect([exit, err]).toEqual([2, expect.stringContaining('.github is a link')])
    expect(readdirSync(home)).toEqual([])
  })
})

it.each(['gonogo.yaml', 'gonogo.schema.json'])(
  'neither shows nor replaces what a link %s leads to',
  async (name) => {
    const { directory, home, init } = world()
    const theirs = join(home, 'theirs')
    writeFileSync(theirs, 'hunter2')
    symlinkSync(theirs, join(directory, name))
    const { exit, err } = await init(['--yes', '--overwrite'])
    expect([exit, err]).toEqual([2, expect.stringContaining(`${name} is a link`)])
    expect(err).not.toContain('hunter2')
    expect(readFileSync(theirs, 'utf8')).toBe('hunter2')
    expect(readdirSync(directory).filter((file) => file.startsWith('gonogo.'))).toEqual([name])
  },
)

/** A repository of somebody who has a key. */
async function worldOfAda(): Promise<World> {
  const made = world()
  const { directory, home } = made
  mkdirSync(join(home, '.ssh'))
  const key = join(home, '.ssh/id_ed25519')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  await processes.run(['git', 'init', '--quiet'], { cwd: directory })
  await processes.run(['git', 'config', 'user.email', 'ada@acme.dev'], { cwd: directory })
  return made
}

describe('gonogo init at a terminal', () => {
  it('takes leaving the last question for a no: the file is written, nobody is registered', async () => {
    const { file, init } = await worldOfAda()
    const { exit, err } = await init(
      [],
      [
        ['URL of staging', '\n'],
        ['URL of production', '\n'],
        ['as ada@acme.dev? [Y/n] ', '\u0004'],
      ],
    )
    expect([exit, existsSync(file)], err).toEqual([0, true])
    expect(err).toContain('gonogo approver add ada@acme.dev')
    expect(err).not.toContain('nothing was changed')
  })

  it('asks three things, and registers the key that is there as first approver', async () => {
    const { home, file, init } = await worldOfAda()
    const { exit, err } = await init(
      [],
      [
        ['URL of staging [unknown for now]: ', 'ftp://x\n'],
        ['that is no http or https URL', ''],
        ['URL of staging [unknown for now]: ', 'staging.acme.dev\n'],
        ['URL of production [unknown for now]: ', 'localhost:8080\n'],
        ['id_ed25519 as first approver, as ada@acme.dev? [Y/n] ', '\n'],
        ['ada@acme.dev may approve with SHA256:', ''],
      ],
    )
    expect(exit).toBe(0)
    expect(readFileSync(file, 'utf8')).toContain('    url: https://staging.acme.dev\n')
    expect(readFileSync(file, 'utf8')).toContain('    url: http://localhost:8080\n')
    expect(err).toContain('reach level L0')
    expect(err).not.toContain('gonogo approver add')
    const state = join(home, '.local/state/gonogo')
    const signers = join(state, readdirSync(state)[0]!, 'approvers')
    expect(readFileSync(signers, 'utf8')).toContain('ada@acme.dev')
  })

  it('offers GitHub Actions where the remote is there', async () => {
    const { directory, file, init } = world()
    await processes.run(['git', 'init', '--quiet'], { cwd: directory })
    const remote = ['git', 'remote', 'add', 'origin', 'git@github.com:acme/shop.git']
    await processes.run(remote, { cwd: directory })
    const { exit } = await init(
      [],
      [
        ['by a new workflow, .github/workflows/cd.yml? [y/N] ', 'y\n'],
        ['URL of staging', '\n'],
        ['URL of production', '\n'],
      ],
    )
    expect(exit).toBe(0)
    expect(readFileSync(file, 'utf8')).toContain('pipeline: github\n')
    expect(existsSync(join(directory, '.github/workflows/cd.yml'))).toBe(true)
  })

  it('takes Ctrl-D before anything is written for a refusal', async () => {
    const { file, init } = world()
    const { exit, err } = await init([], [['URL of staging [unknown for now]: ', '\u0004']])
    expect([exit, existsSync(file)], err).toEqual([3, false])
    expect(err).toContain('error (declined)')
  })

  it('says on a line of its own that it was interrupted', async () => {
    const { file, init } = world()
    const { exit, err } = await init([], [['URL of staging [unknown for now]: ', '\u0003']])
    expect([exit, existsSync(file)]).toEqual([130, false])
    expect(err.split('\n')[1]).toContain('error (interrupted)')
  })

  it('leaves the file alone when the person does not want the difference', async () => {
    const { file, init } = world({ 'gonogo.yaml': 'project: mine\n' })
    const { exit } = await init(
      [],
      [
        ['URL of staging', '\n'],
        ['URL of production', '\n'],
        ['-project: mine', ''],
        ['like this? [y/N] ', '\n'],
      ],
    )
    expect([exit, readFileSync(file, 'utf8')]).toEqual([3, 'project: mine\n'])
  })
})

it('writes for a project below the root of its repository', async () => {
  const { directory, init } = world({
    'api/package-lock.json': '',
    'api/package.json': shop['package.json']!,
  })
  await processes.run(['git', 'init', '--quiet'], { cwd: directory })
  const { exit } = await init(['--yes', '--project', join(directory, 'api')])
  expect(exit).toBe(0)
  const text = readFileSync(join(directory, 'api/gonogo.yaml'), 'utf8')
  expect(text).toContain('repository: ..\n')
  expect(text).toContain('directory: api }')
})
