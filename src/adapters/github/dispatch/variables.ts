import { isUnseen } from '../failure-status.ts'
import type { GitHubClient } from '../client/github-client.ts'

interface Variable {
  name: string
  value: string
}

/**
 * What `vars` holds while GitHub decides about jobs, or undefined when this token may not see all of it:
 * with a part missing, a condition would be worked out wrongly. Those of an environment are no part of
 * it: a job sees them only once it runs.
 */
export async function readVariables(
  client: GitHubClient,
  inOrganization: boolean,
): Promise<Record<string, string> | undefined> {
  try {
    // The repository's own come last: they are the ones that hold.
    const shared = inOrganization ? ['/actions/organization-variables'] : []
    const routes = [...shared, '/actions/variables']
    const lists = await Promise.all(routes.map((route) => client.list<Variable>(route, { key })))
    const all = lists.flatMap(({ items }) => items)
    return Object.fromEntries(all.map(({ name, value }) => [name, value]))
  } catch (error) {
    if (isUnseen(error)) return undefined
    throw error
  }
}

const key = 'variables'
