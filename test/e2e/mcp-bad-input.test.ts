import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startClinic, type Clinic } from '../support/clinic.ts'
import { startLiveSystem, type LiveSystem } from '../support/live-system.ts'
import { connectMcp, eras, type Answer, type McpSession } from '../support/mcp-client.ts'

/** An approval token of compatibility mode, and one that only looks like it. */
const rightToken = 'kestrel-umbra-4471-right'
const wrongToken = 'kestrel-umbra-4471-wrong'

let clinic: Clinic
let live: LiveSystem
let mcp: McpSession

beforeAll(async () => {
  live = await startLiveSystem()
  clinic = await startClinic({
    configure: (yaml) =>
      yaml.replaceAll(
        '    env_file:',
        '    checks: { tests_passed: "off", security_scan: "off" }\n    env_file:',
      ),
  })
  live.commit = clinic.project.history.good1
  const env = { STAGING_URL: live.url, DEPLOYMENT_ADMIN_TOKENS: rightToken }
  await clinic.gonogo(['adopt', 'staging', 'v1.0.0'], { env })
  mcp = await connectMcp(clinic, { env })
})

afterAll(async () => {
  await mcp?.close()
  await clinic?.close()
  await live?.close()
})

function expectUsable({ isError, text, error }: Answer): void {
  expect(isError, text).toBe(true)
  expect(error?.hint).toMatch(/\w+ \w+/)
  expect(text).toBe(`${error?.code}: ${error?.message}\nNext: ${error?.hint}\n${lastLine(text)}`)
  expect(text).not.toMatch(/\n\s+at |node:internal|\.ts:\d|\.js:\d/)
}

const lastLine = (text: string) => text.split('\n').at(-1)

const cases: [
  what: string,
  tool: string,
  args: Record<string, unknown>,
  code: string,
  says: RegExp,
][] = [
  [
    'a missing argument',
    'validate_deployment',
    { environment: 'staging' },
    'invalid_input',
    /^validate_deployment: git_ref is missing$/,
  ],
  [
    'a wrong type',
    'list_deployments',
    { limit: 'ten' },
    'invalid_input',
    /limit: .*expected (int|number), received string/,
  ],
  ['a number out of range', 'list_deployments', { limit: 101 }, 'invalid_input', /limit: 101: /],
  [
    'a value that is none of the allowed',
    'run_smoke_tests',
    { environment: 'staging', test_suite: 'extended' },
    'invalid_input',
    /test_suite: "extended": .*"basic"\|"full"/,
  ],
  [
    'an unknown argument',
    'promote_to_production',
    { staging_version: 'v1.0.0', approval_tokn: 'x' },
    'invalid_input',
    /approval_tokn is not an argument, did you mean approval_token\?/,
  ],
  ['an unknown tool', 'approve', {}, 'invalid_input', /there is no tool approve here/],
  [
    'an unknown environment',
    'run_smoke_tests',
    { environment: 'stagin' },
    'unknown_environment',
    /"stagin" is not configured, did you mean staging\?/,
  ],
  [
    'a ref that does not exist',
    'deploy_to_staging',
    { git_ref: 'v9.9.9' },
    'unknown_version',
    /"v9\.9\.9" names no branch, tag or commit/,
  ],
  [
    'a ref that is an option of git',
    'validate_deployment',
    { environment: 'staging', git_ref: '--upload-pack=touch x' },
    'invalid_input',
    /git_ref "--upload-pack=touch x" must not/,
  ],
  [
    'a ref with control characters',
    'run_security_scan',
    { git_ref: 'main\u001b[2J\u202e' },
    'invalid_input',
    /must not contain control or invisible characters/,
  ],
  [
    'a ref that is a path',
    'promote_to_production',
    { staging_version: '../../etc/passwd' },
    'invalid_input',
    /must not contain "\.\."/,
  ],
  [
    'an id that does not exist',
    'get_deployment_status',
    { deployment_id: 'dep_nothing' },
    'unknown_deployment',
    /there is no deployment "dep_nothing"/,
  ],
  [
    'nothing to go back to',
    'rollback_deployment',
    { environment: 'production', reason: 'why not' },
    'no_rollback_target',
    /production cannot be rolled back/,
  ],
]

describe('bad input is an answer the model can act on', () => {
  test.each(cases)('%s', async (_what, tool, args, code, says) => {
    const answer = await mcp.call(tool, args)
    expectUsable(answer)
    expect(answer.error?.code).toBe(code)
    expect(answer.error?.message).toMatch(says)
  })

  test.each(eras)('also for a client of %s', async (era) => {
    await using session = await connectMcp(clinic, { era })
    for (const tool of ['deploy_to_staging', 'no_such_tool']) {
      expectUsable(await session.call(tool))
    }
  })
})

describe('an approval token', () => {
  const promotion = { staging_version: 'v1.0.0', skip_smoke_tests: true }

  test('that is wrong is refused and audited, and never repeated', async () => {
    const answer = await mcp.call('promote_to_production', {
      ...promotion,
      approval_token: wrongToken,
    })
    expectUsable(answer)
    expect(answer.error).toMatchObject({
      code: 'invalid_approval',
      message: 'Invalid approval token for production deployment',
    })
    const dryRun = { ...promotion, approval_token: wrongToken, dry_run: true }
    const foreseen = await mcp.call('promote_to_production', dryRun)
    expect(foreseen.data['accepted']).toBe('no: Invalid approval token for production deployment')
    const hash = createHash('sha256').update(wrongToken).digest('hex').slice(0, 12)
    expect(await auditLines()).toContainEqual(
      expect.objectContaining({
        operation: 'promote_to_production',
        user: 'agent:test-client',
        success: false,
        dry_run: false,
        details: expect.objectContaining({
          error: 'invalid_approval',
          approval_token: `sha256:${hash}`,
        }),
      }),
    )
    await expectNowhere(wrongToken, [answer, foreseen])
    expect(mcp.stderr().match(/compatibility mode/g)).toHaveLength(1)
  })

  test.each([
    ['promote_to_production', { ...promotion, dry_run: rightToken }],
    ['promote_to_production', { ...promotion, token: rightToken }],
    ['promote_to_production', { ...promotion, [rightToken]: true }],
    ['promote_to_production', { staging_version: rightToken }],
    ['promote_to_production', { ...promotion, approval_token: [rightToken] }],
    ['run_smoke_tests', { environment: 'staging', test_suite: rightToken }],
    ['validate_deployment', { environment: rightToken, git_ref: 'main' }],
    ['rollback_deployment', { environment: 'staging', reason: `use ${rightToken}` }],
    ['get_deployment_status', { deployment_id: rightToken }],
  ])('in the wrong place of %s is not repeated: %j', async (tool, args) => {
    const answer = await mcp.call(tool, args)
    expectUsable(answer)
    await expectNowhere(rightToken, [answer])
  })
})

async function auditLines(): Promise<unknown[]> {
  const log = await readFile(join(clinic.project.stateDirectory, 'audit.jsonl'), 'utf8')
  return log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

/** Neither in an answer, nor on stderr, nor in any file: store, audit log, logs. */
async function expectNowhere(secret: string, answers: readonly Answer[]): Promise<void> {
  expect(JSON.stringify(answers)).not.toContain(secret)
  expect(mcp.stderr()).not.toContain(secret)
  const state = clinic.project.stateDirectory
  const files = await readdir(state, { recursive: true, withFileTypes: true })
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['audit.jsonl', 'gonogo.db']),
  )
  for (const file of files.filter((entry) => entry.isFile())) {
    const content = await readFile(join(file.parentPath, file.name), 'latin1')
    expect(content.includes(secret), file.name).toBe(false)
  }
}
