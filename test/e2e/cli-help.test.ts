import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mainFile, run } from '../support/clinic.ts'
import { typed } from '../support/typed.ts'

/** A directory without a project: nothing here may need one. */
let empty: string
beforeAll(() => void (empty = mkdtempSync(join(tmpdir(), 'gonogo-cli-'))))
afterAll(() => rmSync(empty, { recursive: true }))

const gonogo = (...args: string[]) =>
  run(args, { cwd: empty, env: { PATH: process.env['PATH'] ?? '', HOME: empty } })

const everywhere = ['--project', '--json', '--quiet', '--exact-times', '--no-color', '--help']

/** What each command's help has to name beside that. */
const commands: Record<string, string[]> = {
  validate: ['environment', 'git_ref', '--skip-tests', '--skip-security-scan', '--dry-run'],
  scan: ['git_ref', '--no-scan-dependencies', '--no-scan-code', '--no-scan-secrets', '--dry-run'],
  smoke: ['environment', '--test-suite', '--timeout-seconds', '--dry-run'],
  deploy: ['git_ref', '--dry-run', '--yes', '--watch', '--timeout'],
  promote: [
    'staging_version',
    '--approval-token',
    '--skip-smoke-tests',
    '--dry-run',
    '--key',
    '--confirm',
    '--watch',
    '--timeout',
    'Examples:',
  ],
  rollback: [
    'environment',
    '--reason',
    '--target-version',
    '--approval-token',
    '--dry-run',
    '--yes',
    '--key',
    '--confirm',
    '--watch',
    '--timeout',
  ],
  status: ['deployment_id', '--watch', '--timeout'],
  list: ['--environment', '--limit', '--no-include-failed'],
  approve: ['approval_id', '--key', '--confirm'],
  reject: ['approval_id', '--reason'],
  review: ['list', 'approve', 'reject', 'Examples:'],
  'review list': [],
  'review approve': ['deployment_id', '--confirm', '--comment', '--gh'],
  'review reject': ['deployment_id', '--comment', '--gh'],
  approver: ['list', 'add', 'remove'],
  'approver list': [],
  'approver add': ['name', '--key'],
  'approver remove': ['name'],
  trust: ['--key', '--confirm', '--check'],
  adopt: ['environment', 'version'],
  hold: ['list', 'lift'],
  'hold list': [],
  'hold lift': ['environment', 'version'],
  audit: ['--limit', 'verify', 'checkpoint', 'status'],
  'audit verify': ['file', '--checkpoint', '--public-key'],
  'audit checkpoint': ['Examples:'],
  'audit status': ['Examples:'],
  watch: ['deployment_id', '--timeout', 'Examples:'],
  keep: ['deployment_id', 'Examples:'],
  mcp: ['--toolsets', '--read-only', '--wait-seconds'],
  config: ['show', 'explain', 'schema'],
  'config show': ['key', 'Examples:'],
  'config explain': ['key', 'Examples:'],
  'config schema': ['--write', 'Examples:'],
  init: [],
  preflight: ['file', '--event', '--input', '--ref', '--environment', 'Examples:'],
}

describe('--help', () => {
  it.each(Object.entries(commands))('of %s names its flags', async (command, flags) => {
    const { exitCode, stdout, stderr } = await typed(...command.split(' '), '--help')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(`Usage: gonogo ${command}`)
    for (const flag of [...everywhere, ...flags]) expect(stdout).toContain(flag)
  })

  it('of gonogo names every command and every exit code', async () => {
    const { exitCode, stdout } = await gonogo('--help')
    expect(exitCode).toBe(0)
    const names = Object.keys(commands).filter((command) => !command.includes(' '))
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
    expect(stdout).not.toContain('run-local')
    for (const code of [0, 1, 2, 3, 4, 5, 6, 8, 130]) expect(stdout).toContain(`${code} `)
  })

  it('is what gonogo alone answers, as a usage error', async () => {
    const { exitCode, stdout, stderr } = await gonogo()
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('Usage: gonogo')
  })

  it('loads neither zod nor the MCP SDK nor the database', async () => {
    const loaded = filesLoadedBy('--help')
    expect(loaded.some((file) => file.endsWith('main.js'))).toBe(true)
    expect(loaded.filter((file) => file.includes('node_modules'))).toEqual([])
    for (const heavy of chunksWith('notifications/initialized', 'kysely_migration')) {
      expect(loaded).not.toContain(heavy)
    }
  })
})

/** Every file of ours that a run of gonogo evaluated, as the engine itself reports it. */
function filesLoadedBy(...args: string[]): string[] {
  const coverage = mkdtempSync(join(empty, 'coverage-'))
  const env = { ...process.env, NODE_V8_COVERAGE: coverage }
  execFileSync(process.execPath, [mainFile, ...args], { env, cwd: empty })
  const [report = ''] = readdirSync(coverage)
  const { result } = JSON.parse(readFileSync(join(coverage, report), 'utf8')) as {
    result: { url: string }[]
  }
  return result.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []))
}

/** The parts of the bundle that hold these texts; each text has to be somewhere. */
function chunksWith(...texts: string[]): string[] {
  const chunks = join(dirname(mainFile), 'chunks')
  const files = readdirSync(chunks).map((name) => join(chunks, name))
  return texts.flatMap((text) => {
    const found = files.filter((file) => readFileSync(file, 'utf8').includes(text))
    expect(found, text).not.toEqual([])
    return found
  })
}

describe('a command line that is wrong', () => {
  it.each<[string, string[], string, string]>([
    [
      'a misspelt command',
      ['promot', 'v1'],
      "unknown command 'promot', did you mean promote?",
      'gonogo --help',
    ],
    [
      'a misspelt subcommand',
      ['approver', 'ad', 'x'],
      'did you mean add?',
      'gonogo approver --help',
    ],
    [
      'a misspelt flag',
      ['list', '--limt', '3'],
      "unknown option '--limt', did you mean --limit?",
      'gonogo list --help',
    ],
    ['an unknown command', ['launch'], "unknown command 'launch'", 'gonogo --help'],
    [
      'a missing argument',
      ['validate', 'staging'],
      "missing required argument 'git_ref'",
      'gonogo validate --help',
    ],
    ['one argument too many', ['scan', 'v1', 'v2'], 'too many arguments', 'gonogo scan --help'],
    [
      'a missing flag',
      ['rollback', 'staging'],
      "required option '--reason <value>'",
      'gonogo rollback --help',
    ],
    ['a flag without its value', ['list', '--limit'], 'argument missing', 'gonogo list --help'],
    [
      'a choice there is not',
      ['smoke', 'staging', '--test-suite', 'most'],
      'Allowed choices are basic, full',
      'gonogo smoke --help',
    ],
    [
      'a duration that is none',
      ['deploy', 'v1', '--timeout', '3'],
      'Write it as 90s, 10m or 1h',
      'gonogo deploy --help',
    ],
    [
      'a number out of range',
      ['audit', '--limit', '0'],
      'not a whole number from 1 to 1000',
      'gonogo audit --help',
    ],
  ])('with %s says what and where to look', async (_, args, message, help) => {
    const { exitCode, stdout, stderr } = await typed(...args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(`error (invalid_input): `)
    expect(stderr).toContain(message)
    expect(stderr).toContain(`next: run ${help}`)
  })

  it.each([
    ['promot', '--json'],
    ['list', '--limt', '3', '--json'],
    ['approver', '--json'],
    ['--json', 'validate'],
    ['--json'],
  ])('is one JSON object on stdout: %s %s', async (...args) => {
    const outcome = await typed(...args)
    expect(outcome).toMatchObject({ exitCode: 2, stderr: '' })
    expect(outcome.json()).toMatchObject({
      schema_version: 1,
      error: { code: 'invalid_input', hint: expect.stringContaining('--help') },
    })
  })

  it.each([['--approval-token', 'hunter2'], ['--approval-token=hunter2']])(
    'with a secret on it is refused without repeating it: %s',
    async (...flags) => {
      const { exitCode, stdout, stderr } = await typed('promote', 'v1', ...flags)
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
      expect(stderr).toContain('never a secret')
      expect(stderr).toContain('GONOGO_APPROVAL_TOKEN')
      expect(stderr).not.toContain('hunter2')
    },
  )

  it.each(['--token', '--github-token', '--admin-token', '--passphrase'])(
    'with %s is refused: there is no such flag',
    async (flag) => {
      const { exitCode, stderr } = await typed('promote', 'v1', flag, 'hunter2')
      expect(exitCode).toBe(2)
      expect(stderr).not.toContain('hunter2')
    },
  )
})

it('prints its version', async () => {
  const { exitCode, stdout } = await gonogo('--version')
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

it('takes the common flags before the command, too', async () => {
  const outcome = await gonogo('--json', '--project', join(empty, 'nowhere'), 'list')
  expect(outcome.exitCode).toBe(2)
  expect(outcome.json()).toMatchObject({
    error: { code: 'invalid_configuration', message: expect.stringContaining('nowhere') },
  })
})

it('on an older Node says in one line what to do', () => {
  const { node, flags } = olderNode()
  const attempt = () =>
    execFileSync(node, [...flags, mainFile, 'list'], {
      encoding: 'utf8',
      stdio: 'pipe',
      cwd: empty,
    })
  const wanted = expect.objectContaining({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^gonogo needs Node 24 or newer and this is [0-9.]+: .+\n$/),
  })
  expect(attempt).toThrow(wanted)
})

/** The first Node before 24 on the PATH; where there is none, this one in disguise. */
function olderNode(): { node: string; flags: string[] } {
  const directories = (process.env['PATH'] ?? '').split(delimiter)
  for (const directory of directories.filter((name) => !name.endsWith('.bin'))) {
    const node = join(directory, 'node')
    if (!existsSync(node)) continue
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' })
    if (Number(/^v(\d+)/.exec(version)?.[1]) < 24) return { node, flags: [] }
  }
  const disguise = `Object.defineProperty(process, 'versions', { value: { node: '22.0.0' } })`
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(disguise)}`]
  return { node: process.execPath, flags }
}
