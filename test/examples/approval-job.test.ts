import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/core/canonical.ts'
import {
  ownRun,
  startBench,
  type Bench,
  type EarlierRun,
  type SaidInIssue,
  type Started,
} from './approval-bench.ts'
import { commit, makeApprovers, minutes, request, type Approvers } from './approvals.ts'

// The script of the reference workflow's first job, beside what GitHub may answer it. What it refuses is
// in reference-workflow.test.ts.

let bench: Bench
let people: Approvers

beforeAll(async () => {
  people = makeApprovers()
  bench = await startBench()
})

afterAll(() => {
  bench?.close()
  people?.close()
})

const deployment = 'dep_01JABCDEFGHJKMNPQRSTVWXYZ0'

/** A good dispatch, with something changed. */
function started(inputs: Record<string, string> = {}, more: Partial<Started> = {}): Started {
  const good = {
    action: 'promote',
    environment: 'production',
    version: 'v1.4.0',
    commit,
    deployment_id: deployment,
    approval_id: request().id,
    approval: inputs['approval'] ?? people.approval(),
  }
  const signers = `# approvers\n${people.line('bob')}\n${people.line('ada')}`
  return { inputs: { ...good, ...inputs }, signers, attempt: '1', runs: [], answers: true, ...more }
}

function run(change: Partial<EarlierRun> = {}): EarlierRun {
  const display_title = `promote v1.4.0 to production (${deployment}) ${request().id}`
  return { id: ownRun - 1, display_title, conclusion: 'success', ...change }
}

/** The code that a comment has to name. */
const asked = request()
const code = createHash('sha256').update(canonicalJson(asked)).digest('hex').slice(0, 32)
const yes = { by: 'Ada', body: `/approve ${code} looks good` }
const noKeys = () => people.approval({ of: asked, by: [], issue: 7 })

/** Nobody signed, and this is said in the issue. */
const answered = (comments: SaidInIssue[], more: Partial<Started> = {}): Partial<Started> => ({
  ...started({ approval: noKeys() }),
  logins: 'ada bob=bob carl',
  comments,
  ...more,
})

const strangers = (count: number): EarlierRun[] =>
  Array.from({ length: count }, (_, index) =>
    run({ id: ownRun - 10 - index, display_title: 'deploy v1 to staging (dep_x)' }),
  )

/** What somebody signed, beside what is said in the issue. */
function signedInIssue(by: string): Pick<Started, 'inputs'> {
  return started({ approval: people.approval({ of: asked, by, issue: 7 }) })
}

describe('the approval job', () => {
  const good: Record<string, () => Started> = {
    'a signed request': () => started(),
    'an environment that wants none': () =>
      started({ environment: 'staging', approval: '', approval_id: '' }),
    'a clock that is a little ahead': () =>
      started({ approval: people.approval({ of: request({ expires_at: minutes(-0.3) }) }) }),
    'an approver whose key may sign anything': () =>
      started({}, { signers: people.line('ada', '') }),
    'a key listed for something else, too': () =>
      started({}, { signers: `${people.line('ada', 'namespaces="git" ')}\n${people.line('ada')}` }),
    'the runs of others, on several pages': () => started({}, { runs: strangers(250) }),
    'a forged run before it, which was refused': () =>
      started({}, { runs: [run({ conclusion: 'failure' })] }),
    'a listed login, among many comments': () =>
      started(
        {},
        answered([...Array.from({ length: 120 }, () => ({ by: 'eve', body: 'hm' })), yes]),
      ),
    'two keys': () =>
      started({ approval: people.approval({ by: ['ada', 'bob'] }) }, { wanted: '2' }),
    'two logins': () => started({}, answered([yes, { ...yes, by: 'carl' }], { wanted: '2' })),
    "a key, and the login of somebody whose key is another's": () =>
      started(
        {},
        { ...answered([{ ...yes, by: 'bob' }], { wanted: '2' }), ...signedInIssue('ada') },
      ),
    'a replay after it': () => started({}, { runs: [run({ id: ownRun + 1, conclusion: null })] }),
  }

  it.concurrent.each(Object.entries(good))('accepts %s', async (_, make) => {
    const { passed, log } = await bench.run(make())
    const words =
      /^(?:approved by (?:"\w+"(?:, )?)+, requested by "agent:assistant"|"staging" wants no approval)\n$/
    expect(log).toMatch(words)
    expect(passed).toBe(true)
  })

  const bad: [what: string, reason: RegExp, more: () => Partial<Started>][] = [
    [
      'an approval that a run beside it uses',
      /run 4999 was/,
      () => ({ runs: [run({ conclusion: null })] }),
    ],
    [
      'one used long before',
      /run 4000 was/,
      () => ({ runs: [...strangers(150), run({ id: 4000 })] }),
    ],
    [
      'one used by a run that says nothing',
      /run 4999 was/,
      () => ({ runs: [run({ conclusion: 'none' })] }),
    ],
    [
      'one in a run that was cancelled',
      /run 4999 was/,
      () => ({ runs: [run({ conclusion: 'cancelled' })] }),
    ],
    ['more runs than can be seen', /too many/, () => ({ runs: strangers(1001) })],
    [
      'one that never expires',
      /expired at "never"/,
      () => started({ approval: people.approval({ of: request({ expires_at: 'never' }) }) }),
    ],
    [
      'an environment that nobody has thought of',
      /there is no approval/,
      () => started({ environment: 'Staging', approval: '' }),
    ],
    [
      'a title that no replay could be known by',
      /the title of this run lacks "apr_/,
      () => ({ own: { display_title: `Deploy (${deployment})` } }),
    ],
    [
      'a run that waited until no replay would look so far back',
      /waited too long/,
      () => ({
        ...started({
          approval: people.approval({ of: request({ expires_at: minutes(24 * 60) }) }),
        }),
        own: { created_at: minutes(-2) },
      }),
    ],
    [
      'one used in the first second of a long life',
      /run 4999 was/,
      () => ({
        ...started({
          approval: people.approval({ of: request({ expires_at: minutes(24 * 60 + 0.4) }) }),
        }),
        runs: [run()],
      }),
    ],
    ['silence about earlier runs', /GitHub answers 403/, () => ({ answers: false })],
    ['an issue that nobody answered', /nobody approved/, () => answered([])],
    ['a login that is not listed', /nobody approved/, () => answered([{ ...yes, by: 'eve' }])],
    [
      "another request's code",
      /nobody approved/,
      () => answered([{ ...yes, body: `/approve ${'0'.repeat(32)}` }]),
    ],
    [
      'the comment of who starts the run',
      /nobody approved/,
      () => answered([yes], { actor: 'ada' }),
    ],
    ['a program', /nobody approved/, () => answered([{ ...yes, type: 'Bot' }])],
    ["an App in a person's name", /nobody approved/, () => answered([{ ...yes, app: 'x' }])],
    [
      'a comment that was edited',
      /nobody approved/,
      () => answered([{ ...yes, created_at: minutes(-2), updated_at: minutes(-1) }]),
    ],
    [
      'a yes that came too late',
      /nobody approved/,
      () => answered([{ ...yes, created_at: minutes(21) }]),
    ],
    [
      'a listed no beside a yes',
      /"carl" rejected it/,
      () => answered([yes, { by: 'carl', body: `/reject ${code}` }]),
    ],
    [
      'a listed no that was corrected',
      /"carl" rejected it/,
      () =>
        answered([
          yes,
          {
            by: 'carl',
            body: `/reject ${code} too early`,
            created_at: minutes(-2),
            updated_at: minutes(-1),
          },
        ]),
    ],
    ['one of two', /1 approved it, and 2 have to/, () => answered([yes], { wanted: '2' })],
    [
      'one person twice, by key and by comment',
      /1 approved it, and 2 have to/,
      () => ({
        ...answered([{ ...yes, by: 'bob' }], { wanted: '2' }),
        ...signedInIssue('bob'),
      }),
    ],
    [
      'one key twice',
      /1 approved it, and 2 have to/,
      () => ({ ...started({ approval: people.approval({ by: ['ada', 'ada'] }) }), wanted: '2' }),
    ],
    ['no number of people', /no number of people/, () => ({ wanted: 'many' })],
  ]

  it.concurrent.each(bad)('refuses %s', async (_, reason, more) => {
    const { passed, log } = await bench.run(started({}, more()))
    expect(log).toMatch(reason)
    expect(passed).toBe(false)
  })
})
