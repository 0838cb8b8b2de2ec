import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Release } from '../../../src/core/release.ts'
import type { CheckSubject } from '../../../src/tools/checks/check-runner.ts'
import { gitRefValid } from '../../../src/tools/checks/git-ref-valid.ts'
import { directories, sourceOf } from '../../adapters/git/fixture.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { makeRepository, type Repository } from '../../support/repository.ts'
import { subjectFor } from './subject.ts'

const directory = directories()

/** The check about a ref of a real repository. `running`: a ref, or a release that it does not have. */
async function check(
  place: string,
  ref: string,
  running: string | Release | null = null,
  changes: Partial<CheckSubject> = {},
) {
  const source = sourceOf(place)
  const { call } = makeWorld({ source })
  const known = typeof running === 'string' ? await source.resolve(running) : running
  const now = { release: known, source: 'pipeline', live: { asked: false }, drift: null } as const
  const release = await source.resolve(ref)
  const subject = subjectFor(call, 'staging', { release, now, ...changes })
  return await gitRefValid.run(subject, call, call.signal)
}

/** Two tags on main, `v1` and `v2`, with a hotfix `v1.1` beside them that main never got. */
let repo: Repository
let first: string
let second: string

beforeAll(async () => {
  repo = await makeRepository()
  first = await repo.commit({ a: '1' }, 'one')
  await repo.git('tag', 'v1')
  await repo.git('checkout', '--quiet', '-b', 'hotfix')
  await repo.commit({ b: '1' }, 'a hotfix')
  await repo.git('tag', 'v1.1')
  await repo.git('checkout', '--quiet', 'main')
  second = await repo.commit({ a: '2' }, 'two')
  await repo.git('tag', '--annotate', '--message=signed off', 'v2')
})
afterAll(() => repo.remove())

test('a newer release on main passes, whatever it was named by', async () => {
  const expected = {
    status: 'passed',
    ran: true,
    details: { sha: second, order: 'newer', default_branch: 'main', subject: 'two' },
  }
  for (const [ref, kind] of [
    ['v2', 'tag'],
    ['main', 'branch'],
    [second.slice(0, 9), 'commit'],
  ] as const) {
    const result = await check(repo.directory, ref, 'v1')
    expect(result).toMatchObject({
      ...expected,
      details: { ...expected.details, kind, git_ref: ref },
    })
  }
  expect((await check(repo.directory, 'v2', 'v2')).message).toBe(
    'v2 is on main and runs in staging already',
  )
})

test('what runs may be unknown, and is then said to be', async () => {
  expect(await check(repo.directory, 'v1')).toMatchObject({
    status: 'passed',
    message: 'v1 is on main; what staging runs is unknown',
    details: { order: 'unknown', running: null },
  })
})

test('an older release fails unless that is asked for', async () => {
  expect(await check(repo.directory, 'v1', 'v2')).toMatchObject({
    status: 'failed',
    ran: true,
    message:
      'v1 is older than v2 that runs in staging: pass allow_older, or use rollback_deployment',
    details: { order: 'older', sha: first, running: second },
  })
  expect(await check(repo.directory, 'v1', 'v2', { allowOlder: true })).toMatchObject({
    status: 'passed',
    message: 'v1 is on main; v1 is older than v2 that runs in staging, which allow_older accepts',
    details: { allow_older: true },
  })
})

test('a release that lacks a hotfix that runs is a warning that names the ways out', async () => {
  expect(await check(repo.directory, 'v2', 'v1.1')).toMatchObject({
    status: 'warning',
    ran: true,
    message: 'v2 lacks commits of v1.1 that runs in staging: merge them, or pass allow_older',
    details: { order: 'diverged' },
  })
  expect(await check(repo.directory, 'v2', 'v1.1', { allowOlder: true })).toMatchObject({
    status: 'passed',
  })
})

test('a commit beside the default branch fails', async () => {
  expect(await check(repo.directory, 'hotfix', 'v1')).toMatchObject({
    status: 'failed',
    ran: true,
    message: expect.stringMatching(/ is not reachable from main: merge it first$/),
  })
})

test('what runs but is not in the clone: could not run, unless an older one may come', async () => {
  const gone = { sha: 'f'.repeat(40), version: 'v9' }
  expect(await check(repo.directory, 'v2', gone)).toMatchObject({
    status: 'failed',
    ran: false,
    message: 'the clone lacks commit ffffffffffff: git fetch --tags',
  })
  expect(await check(repo.directory, 'v2', gone, { allowOlder: true })).toMatchObject({
    status: 'passed',
    message:
      'v2 is on main; whether v2 is older than v9 that runs in staging is unknown, which allow_older accepts',
  })
})

test('a shallow clone tells nothing it cannot know', async () => {
  const shallow = await directory()
  await repo.git('clone', '--quiet', '--depth=1', `file://${repo.directory}`, shallow)
  const message = 'the clone is shallow, so its history does not tell: git fetch --unshallow'
  // The tip is on main, that much is there.
  expect(await check(shallow, 'main')).toMatchObject({ status: 'passed' })
  expect(await check(shallow, 'main', { sha: first, version: 'v1' })).toMatchObject({
    status: 'failed',
    ran: false,
    message,
  })
  await repo.git('-C', shallow, 'fetch', '--quiet', '--depth=1', 'origin', 'tag', 'v1')
  for (const [ref, running] of [
    ['v1', null],
    ['main', 'v1'],
  ] as const) {
    expect(await check(shallow, ref, running)).toMatchObject({
      status: 'failed',
      ran: false,
      message,
    })
  }
})

test('where the check is advisory, not having run is a warning', async () => {
  const { call } = makeWorld()
  const [environment] = call.project.environments
  const advisory = { ...environment!.checks, git_ref_valid: 'advisory' as const }
  const gone = { sha: 'f'.repeat(40), version: 'v9' }
  expect(
    await check(repo.directory, 'v2', gone, { environment: { ...environment!, checks: advisory } }),
  ).toMatchObject({ status: 'warning', ran: false })
})
