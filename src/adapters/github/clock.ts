import type { Runtime } from '../../ports/runtime.ts'
import type { GitHubClient } from './client/github-client.ts'
import { readRepository } from './repository-view.ts'

/** Every answer of GitHub says when it was given; one that has not changed, too. */
export async function clockAhead(deps: {
  client: GitHubClient
  runtime: Pick<Runtime, 'now'>
}): Promise<number | null> {
  const { date } = await readRepository(deps.client)
  return date === null ? null : date - deps.runtime.now()
}
