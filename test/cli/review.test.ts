import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { Failure } from '../../src/core/failure.ts'
import { runReview, runReviewList, type ReviewOptions } from '../../src/cli/commands/review.ts'
import { runCommand, type CommonOptions } from '../../src/cli/session.ts'
import type { Surface } from '../../src/cli/surface.ts'
import type { RunOptions } from '../../src/ports/process.ts'
import { deployment } from '../adapters/store/rows.ts'
import { makeWorld } from '../support/fake-context.ts'

interface Typed {
  verdict?: 'approved' | 'rejected'
  review?: ReviewOptions
  options?: CommonOptions
  env?: Record<string, string>
  /** What `gh auth token` prints; undefined: it ends with an error. */
  gh?: string
  /** How reading what others started fails. */
  unread?: 'pipeline_unavailable' | 'interrupted'
}

/** Types `gonogo review` where the run of one deployment waits, without a terminal. */
async function type({ verdict, review = {}, options = {}, env = {}, gh, unread }: Typed) {
  const world = makeWorld()
  const tokens: string[] = []
  const started: { argv: readonly string[]; env: RunOptions['env'] }[] = []
  const reviews = {
    pending: async () => [
      {
        environment: 'production\u001b[2J',
        reviewers: ['ada', 'team:ops'],
        url: 'https://github.example/acme/clinic/actions/runs/7',
      },
    ],
    given: async () => [],
    decide: async (_: unknown, { token }: { token: string }) => {
      tokens.push(token)
      return { reviewer: 'ada' }
    },
  }
  const observed = async () => {
    if (unread) throw new Failure({ code: unread, message: 'no answer', hint: '' })
    return []
  }
  const call = { ...world.call, pipeline: { ...world.pipeline, reviews, observed } }
  if (!unread)
    await call.store.write((tables) =>
      tables.deployments.insert(
        deployment('dep_1', {
          environment: 'production',
          phase: 'running',
          status: 'waiting_approval',
          run_id: '7',
        }),
      ),
    )
  const run = async (argv: readonly string[], { env: given }: RunOptions) => {
    started.push({ argv, env: given })
    return { exitCode: gh === undefined ? 1 : 0, stdout: Buffer.from(gh ?? 'not signed in') }
  }
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface = {
    env,
    out,
    err,
    input: new PassThrough(),
    connect: async () => call,
    processes: async () => ({ run }),
    interrupted: new AbortController().signal,
  } as unknown as Surface
  const exit = await runCommand({ surface, options, argv: ['review'] }, (session) =>
    verdict ? runReview(session, verdict, 'dep_1', review) : runReviewList(session),
  )
  const [stdout, stderr] = [String(out.read() ?? ''), String(err.read() ?? '')]
  return { exit, stdout, stderr, tokens, started }
}

const confirmed = { confirm: 'production' }
const GONOGO_REVIEW_TOKEN = 'ghp_of_a_person'

it('lists what waits, for whom and where', async () => {
  const { exit, stdout } = await type({})
  expect(exit).toBe(0)
  expect(stdout).toContain('dep_1')
  expect(stdout).toContain(
    '  production waits for ada, team:ops: https://github.example/acme/clinic/actions/runs/7',
  )
  const { reviews } = JSON.parse((await type({ options: { json: true } })).stdout)
  expect(reviews).toMatchObject([
    { deployment_id: 'dep_1', run_id: '7', environment: 'production' },
  ])
})

it('does not say that nothing waits when it could not look everywhere', async () => {
  const { exit, stdout, stderr } = await type({ unread: 'pipeline_unavailable' })
  expect(exit).toBe(1)
  expect(stdout).toBe('none of the runs that gonogo started waits for a review\n')
  expect(stderr).toContain('what others started could not be read: no answer')
  expect(await type({ unread: 'interrupted' })).toMatchObject({ exit: 130, stdout: '' })
})

it("approves with the person's own token, after the environment was named", async () => {
  const env = { GONOGO_REVIEW_TOKEN, GITHUB_TOKEN: 'ghp_of_the_server' }
  const approved = await type({ verdict: 'approved', review: confirmed, env })
  expect(approved).toMatchObject({ exit: 0, tokens: [GONOGO_REVIEW_TOKEN], started: [] })
  expect(approved.stderr).toContain('approved dep_1 as ada')
  expect(approved.stdout + approved.stderr).not.toContain('ghp_')

  const wrong = await type({ verdict: 'approved', review: { confirm: 'staging' }, env })
  expect(wrong).toMatchObject({ exit: 3, tokens: [] })
  const unnamed = await type({ verdict: 'approved', env })
  expect(unnamed).toMatchObject({ exit: 2, tokens: [] })
  expect(unnamed.stderr).toContain('next: run gonogo review --confirm production')
})

it('rejects without asking', async () => {
  const env = { GONOGO_REVIEW_TOKEN }
  expect(await type({ verdict: 'rejected', env })).toMatchObject({
    exit: 0,
    tokens: [GONOGO_REVIEW_TOKEN],
  })
})

it('takes the token of gh only when told to, and hides those of gonogo from it', async () => {
  const env = { PATH: '/bin', HOME: '/home/ada', GITHUB_TOKEN: 'a', GH_TOKEN: 'b' }
  const without = await type({ verdict: 'approved', review: confirmed, env })
  expect(without).toMatchObject({ exit: 2, tokens: [], started: [] })
  expect(without.stderr).toContain('GONOGO_REVIEW_TOKEN is not set')

  const review = { ...confirmed, gh: true }
  const { tokens, started } = await type({ verdict: 'approved', review, env, gh: 'gho_ada\n' })
  expect(tokens).toEqual(['gho_ada'])
  expect(started).toEqual([
    {
      argv: ['gh', 'auth', 'token', '--hostname', 'github.example'],
      env: { PATH: '/bin', HOME: '/home/ada' },
    },
  ])
  const signedOut = await type({ verdict: 'approved', review, env })
  expect(signedOut).toMatchObject({ exit: 4, tokens: [] })
  expect(signedOut.stderr).toContain('gh auth login --hostname github.example')
})
