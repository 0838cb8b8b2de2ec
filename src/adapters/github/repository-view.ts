import { Failure } from '../../core/failure.ts'
import type { Answer, GitHubClient } from './client/github-client.ts'

/** The repository itself. GitHub answers the same for one that does not exist and one that is not shown. */
export async function readRepository<T>(client: GitHubClient): Promise<Answer<T>> {
  const { owner, name } = await client.repository()
  const answer = await client.find<T>('GET /repos/{owner}/{repo}', { owner, repo: name })
  if (answer !== null) return answer
  throw new Failure({
    code: 'invalid_configuration',
    message: `${client.webUrl} shows no repository ${owner}/${name} to this token: the name is wrong, or the token was not given it`,
    hint: 'correct GITHUB_REPOSITORY or github.repository, or give the token this repository; then: gonogo doctor',
  })
}
