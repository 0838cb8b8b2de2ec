import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBaseFile } from '../../../../src/adapters/github/base-file.ts'
import { compare } from '../../../../src/adapters/github/source/compare.ts'
import type { GitHubClient } from '../../../../src/adapters/github/client/github-client.ts'
import type { Hub } from '../../../hub/hub.ts'
import { makeRepository, type Repository } from '../../../support/repository.ts'
import { settings, useBench } from '../client/bench.ts'

const bench = useBench()
let repo: Repository
let [first, second, side, apart] = ['', '', '', '']

beforeAll(async () => {
  repo = await makeRepository()
  first = await repo.commit({ 'ops/gonogo.yml': 'one' })
  second = await repo.commit({ 'ops/gonogo.yml': 'two' })
  await repo.git('checkout', '--quiet', '-b', 'side', first)
  side = await repo.commit({ b: '1', 'ops/gonogo.yml': 'side' })
  await repo.git('checkout', '--quiet', '--orphan', 'apart')
  apart = await repo.commit({ c: '1' })
  await repo.git('checkout', '--quiet', 'main')
})
afterAll(() => repo.remove())

async function onGitHub(): Promise<{ hub: Hub; client: GitHubClient }> {
  const { hub: startHub, client: clientOf } = bench()
  const hub = await startHub({ git: join(repo.directory, '.git') })
  const own = { ...settings, api_url: hub.apiUrl, repository: 'acme/clinic' }
  return { hub, client: clientOf(hub.apiUrl, { token: hub.token, settings: own }) }
}

test('GitHub tells which of two commits is older, and whether each lacks commits of the other', async () => {
  const { client, hub } = await onGitHub()
  expect(await compare(client, first, first)).toBe('same')
  expect(await compare(client, first, second)).toBe('older')
  expect(await compare(client, second, first)).toBe('newer')
  expect(await compare(client, side, second)).toBe('diverged')
  expect(await compare(client, apart, second)).toBe('diverged')
  await expect(compare(client, second, 'f'.repeat(40))).rejects.toMatchObject({
    code: 'source_unavailable',
    message: 'GitHub has no commit ffffffffffff; push it: git push',
  })
  expect(hub.violations).toEqual([])
})

test('a file of the default branch is read at one commit, whatever else there is', async () => {
  const { client, hub } = await onGitHub()
  const base = { branch: 'main', sha: second, text: 'two' }
  expect(await readBaseFile(client, ['ops/gonogo.yaml', 'ops/gonogo.yml'])).toEqual(base)
  expect(await readBaseFile(client, ['gonogo.yaml'])).toBeNull()
  // A directory is no file.
  expect(await readBaseFile(client, ['ops'])).toBeNull()
  expect(hub.violations).toEqual([])
})
