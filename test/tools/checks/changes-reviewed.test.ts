import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Release } from '../../../src/core/release.ts'
import { changesReviewed } from '../../../src/tools/checks/changes-reviewed.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment } from '../../support/fake-project.ts'
import type { HubPull } from '../../hub/hub.ts'
import { gitEnvironment } from '../../support/repository.ts'
import { openGitHub, resetSettings, type Asked, type GitHubBench } from './on-github.ts'

let bench: GitHubBench
/** On main, one after the other; `two` is a merge of `side` and `more`. */
let one: string
let side: string
let more: string
let two: string
let three: string

beforeAll(async () => {
  bench = await openGitHub()
  const { repository } = bench
  one = await repository.commit({ a: '1' }, 'one')
  await repository.git('switch', '--quiet', '--create', 'topic')
  side = await repository.commit({ b: '1' }, 'side')
  more = await repository.commit({ b: '2' }, 'more')
  await repository.git('switch', '--quiet', 'main')
  await repository.git('merge', '--quiet', '--no-ff', '--message=two', 'topic')
  two = await repository.git('rev-parse', 'HEAD')
  three = await repository.commit({ a: '3' }, 'three \u001b[31m\u202E of them')
})

afterAll(async () => {
  const { violations } = bench.hub
  await bench.close()
  expect(violations).toEqual([])
})

beforeEach(() => {
  resetSettings(bench.hub)
  bench.hub.settings.logins.set('ada@example.com', 'ada')
})

/** Approved by somebody else, unless it says otherwise. */
function pull(number: number, commits: string[], changes: Partial<HubPull> = {}): HubPull {
  return {
    number,
    author: 'ada',
    commits,
    reviews: [{ login: 'bob', state: 'APPROVED' }],
    ...changes,
  }
}

/** All of them, approved by somebody whom GitHub calls that. */
function approvedBy(association: string): HubPull[] {
  const reviews = [{ login: 'bob', state: 'APPROVED', association }]
  return [...rest(), pull(3, [three])].map((each) => ({ ...each, reviews }))
}

/** What is said of the release three, which brings all of them. */
async function judge(pulls: HubPull[], asked: Asked = {}) {
  bench.hub.settings.pulls = pulls
  const release: Release = { sha: three, version: 'v3' }
  return await bench.ask(changesReviewed, { from: bench.first, release, ...asked })
}

const merged = () => pull(2, [side, more, two], { head: more })
const rest = () => [pull(1, [one]), merged()]

describe('changes_reviewed', () => {
  it('passes when another person approved every commit', async () => {
    const check = await judge([...rest(), pull(3, [three])])
    expect(check).toMatchObject({
      status: 'passed',
      ran: true,
      message: 'another person approved all 5 commit(s) since v1',
      details: { total: 5, exceptions: [], approvals: { 1: ['bob'], 2: ['bob'], 3: ['bob'] } },
    })
  })

  it('asks for what the branch holds, and not for each commit of a merge', async () => {
    const before = bench.hub.requests.length
    await judge([...rest(), pull(3, [three])])
    const asked = bench.hub.requests.slice(before).map(({ path }) => path)
    const commits = asked.filter((path) => /\/commits\/[0-9a-f]{40}\/pulls/.test(path))
    expect(commits).toHaveLength(3)
    expect(commits.join(' ')).not.toContain(side)
  })

  it('names what was pushed without a pull request, and how to go on', async () => {
    const check = await judge(rest())
    expect(check).toMatchObject({
      status: 'failed',
      ran: true,
      message: `1 of 5 commit(s) since v1 had no approval by another person: ${three.slice(0, 12)} (three of them) came without a pull request; let somebody else read git log -p ${bench.first.sha.slice(0, 12)}..${three.slice(0, 12)}, and let the branch require reviewed pull requests`,
      details: {
        exceptions: [
          { sha: three, subject: 'three of them', author: 'ada', gap: 'no_pull_request' },
        ],
      },
    })
  })

  it.each<[string, Partial<HubPull>, string]>([
    ['nobody approved', { reviews: [] }, '#3 was approved by nobody'],
    [
      'its author did',
      { reviews: [{ login: 'Ada', state: 'APPROVED' }] },
      'by its own author only',
    ],
    [
      'who wrote the commit did, in the name of another author',
      { author: 'eve', reviews: [{ login: 'ada', state: 'APPROVED' }] },
      'by its own author only',
    ],
    ['a bot did', { reviews: [{ login: 'nice[bot]', state: 'APPROVED' }] }, 'by a bot only'],
    ['somebody who is gone did', { reviews: [{ login: null, state: 'APPROVED' }] }, 'by nobody'],
    [
      'the approval was dismissed',
      { reviews: [{ login: 'bob', state: 'DISMISSED' }] },
      'was approved by nobody',
    ],
    [
      'it was taken back',
      {
        reviews: [
          { login: 'bob', state: 'APPROVED' },
          { login: 'bob', state: 'CHANGES_REQUESTED' },
        ],
      },
      'was approved by nobody',
    ],
    ['it was never merged', { merged: false }, 'came without a pull request'],
  ])('is no review when %s', async (_, changes, words) => {
    const check = await judge([...rest(), pull(3, [three], changes)])
    expect(check).toMatchObject({ status: 'failed', message: expect.stringContaining(words) })
  })

  it('counts an approval that a later comment leaves alone', async () => {
    const reviews = [
      { login: 'bob', state: 'CHANGES_REQUESTED' },
      { login: 'bob', state: 'APPROVED' },
      { login: 'bob', state: 'COMMENTED' },
    ]
    expect((await judge([...rest(), pull(3, [three], { reviews })])).status).toBe('passed')
  })

  it('counts no approval of a passer-by where everybody may review', async () => {
    bench.hub.settings.isPublic = true
    expect(await judge(approvedBy('NONE'))).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(
        '#1 was approved only by somebody who is no known member or collaborator',
      ),
      details: { approvals: {} },
    })
    expect((await judge(approvedBy('COLLABORATOR'))).status).toBe('passed')
    bench.hub.settings.isPublic = false
    expect((await judge(approvedBy('NONE'))).status).toBe('passed')
  })

  it('could not run where later reviews cannot be seen for their number', async () => {
    const flood = Array.from({ length: 1000 }, () => ({ login: 'eve', state: 'COMMENTED' }))
    const reviews = [
      { login: 'bob', state: 'APPROVED' },
      ...flood,
      { login: 'bob', state: 'CHANGES_REQUESTED' },
    ]
    expect(await judge([...rest(), pull(3, [three], { reviews })])).toMatchObject({
      status: 'warning',
      ran: false,
      message: expect.stringMatching(/^#3 has more than 1000 reviews, .*have a person look at it/),
    })
  })

  it('lets who made the merge be who approved it', async () => {
    bench.hub.settings.logins.clear()
    expect((await judge([...rest(), pull(3, [three])])).status).toBe('passed')
  })

  it('warns of commits that came after the approval', async () => {
    const reviews = [{ login: 'bob', state: 'APPROVED', commit: side }]
    const check = await judge([pull(1, [one]), { ...merged(), reviews }, pull(3, [three])])
    expect(check).toMatchObject({
      status: 'warning',
      ran: true,
      message: expect.stringMatching(
        /^#2 got commits after the approval: .*dismiss stale approvals/,
      ),
    })
  })

  it('does not take an approval of nobody knows what for one of what was merged', async () => {
    const reviews = [{ login: 'bob', state: 'APPROVED', commit: null }]
    const check = await judge([...rest(), pull(3, [three], { reviews })])
    expect(check).toMatchObject({ status: 'warning', details: { approved_before_last_push: [3] } })
  })

  it('finds what somebody put between a pull request and their own merge of it', async () => {
    const { repository } = bench
    const at = await repository.git('rev-parse', 'HEAD')
    await repository.git('switch', '--quiet', '--create', 'own', more)
    const hidden = await repository.commit({ door: 'open' }, 'hidden')
    await repository.git('switch', '--quiet', '--detach', one)
    await repository.git('merge', '--quiet', '--no-ff', '--message=of #2', 'own')
    const tip = await repository.git('rev-parse', 'HEAD')
    await repository.git('switch', '--quiet', 'main')
    expect(await repository.git('rev-parse', 'HEAD')).toBe(at)
    // GitHub calls the pull request merged by it: its head is reachable now.
    const pulls = [pull(1, [one]), pull(2, [side, more, tip], { head: more, mergeCommit: tip })]
    const check = await judge(pulls, { release: { sha: tip, version: 'own' } })
    expect(check).toMatchObject({
      status: 'failed',
      details: { exceptions: [{ sha: hidden, gap: 'no_pull_request' }] },
    })
  })

  it('judges what a merge without a pull request brought by itself', async () => {
    const check = await judge([pull(1, [one]), pull(2, [side]), pull(3, [three])])
    expect(check.details['exceptions']).toMatchObject([{ sha: more }, { sha: two }])
  })

  it('has nothing to look at where the release runs already, or a newer one does', async () => {
    const same = await judge([], { from: { sha: three, version: 'v3' } })
    expect(same).toMatchObject({ status: 'passed', message: 'production runs v3 already' })
    const older = await judge([], { from: { sha: three, version: 'v3' }, release: bench.first })
    expect(older).toMatchObject({
      status: 'passed',
      message: 'it brings no commit that v3 does not have',
    })
  })

  it('could not run where nobody knows what runs, or GitHub does not', async () => {
    bench.hub.settings.pulls = []
    const unknown = await bench.ask(changesReviewed, { release: bench.first })
    expect(unknown).toMatchObject({
      status: 'warning',
      ran: false,
      message: expect.stringContaining('gonogo adopt records it'),
    })
    const elsewhere = await judge([], { from: { sha: 'a'.repeat(40), version: 'v0' } })
    expect(elsewhere).toMatchObject({
      ran: false,
      message: expect.stringMatching(/^v0, which production runs, is no commit on GitHub: push it/),
    })
  })

  it('could not run where GitHub gives half an answer', async () => {
    const kind = { type: 'status', status: 200, body: { commits: [] } } as const
    bench.hub.faults.push({ path: /compare/, times: 9, kind })
    expect(await judge(rest())).toMatchObject({
      ran: false,
      message: expect.stringMatching(/does not say how many commits there are: gonogo doctor/),
    })
  })

  it('could not run without the permission, which it names', async () => {
    bench.hub.settings.missingPermissions.add('pull_requests=read')
    const production = {
      checks: { ...fakeEnvironment('x').checks, changes_reviewed: 'required' },
    } as const
    expect(await judge(rest(), { production })).toMatchObject({
      status: 'failed',
      ran: false,
      message: expect.stringContaining('the token lacks pull_requests=read'),
    })
  })

  it('asks nothing more once its time is over', async () => {
    const before = bench.hub.requests.length
    const check = await judge(rest(), { signal: AbortSignal.abort() })
    expect(check.ran).toBe(false)
    expect(bench.hub.requests).toHaveLength(before)
  })

  it('is not listed where changes are not reviewed', () => {
    expect(changesReviewed.applies?.(makeWorld().call, fakeEnvironment('production'))).toBe(false)
  })
})

it('reads page after page, and gives up over too many commits', async () => {
  const { repository } = bench
  // One start of git for all of them.
  const author = 'Bob <bob@example.com> 1700000000 +0000'
  const entries = Array.from({ length: 501 }, (_, at) => {
    const from = at === 0 ? `from ${bench.first.sha}\n` : ''
    return `commit refs/heads/long\nmark :${at + 1}\nauthor ${author}\ncommitter ${author}\ndata 1\nx\n${from}`
  })
  execFileSync('git', ['fast-import', '--quiet', '--force'], {
    cwd: repository.directory,
    env: gitEnvironment,
    input: entries.join(''),
  })
  const tip = await repository.git('rev-parse', 'long')
  const many = await judge([], { release: { sha: tip, version: 'long' } })
  expect(many).toMatchObject({
    status: 'warning',
    ran: false,
    message: expect.stringMatching(
      /^501 commits since v1 are more than the 500 .* deploy a version in between/,
    ),
  })
  const release = { sha: await repository.git('rev-parse', 'long~400'), version: 'half' }
  const half = await judge([], { release })
  expect(half).toMatchObject({ status: 'failed', ran: true, details: { exceptions_total: 101 } })
  expect(half.message).toMatch(/^101 of 101 .* and 98 more; let somebody else read/)
})
