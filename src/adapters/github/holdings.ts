import type { HeldName, Holdings, UnseenNames } from '../../core/environment-names.ts'
import type { Environment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { GitHubClient } from './client/github-client.ts'
import { failureStatus, isUnseen } from './failure-status.ts'
import { readRepository } from './repository-view.ts'

interface Place {
  route: string
  kind: 'secret' | 'variable'
  own: boolean
}

// In the order in which GitHub lets one hide another.
const places: readonly Place[] = [
  { route: '/environments/{environment_name}/secrets', kind: 'secret', own: true },
  { route: '/environments/{environment_name}/variables', kind: 'variable', own: true },
  { route: '/actions/secrets', kind: 'secret', own: false },
  { route: '/actions/variables', kind: 'variable', own: false },
]
const organizationPlaces: readonly Place[] = [
  { route: '/actions/organization-secrets', kind: 'secret', own: false },
  { route: '/actions/organization-variables', kind: 'variable', own: false },
]

/**
 * What a job that names the environment gets as `secrets` and `vars`. Nobody can read the value of a
 * secret.
 */
export async function readHoldings(
  client: GitHubClient,
  { github }: Environment,
): Promise<Holdings> {
  const { data } = await readRepository<{ owner: { type: string } }>(client)
  const shared = data.owner.type === 'Organization' ? organizationPlaces : []
  const parts = await Promise.all(
    [...places, ...shared].map((place) => readPlace(client, place, github.environment)),
  )
  return {
    held: parts.flatMap(({ held }) => held),
    unseen: parts.flatMap(({ unseen }) => unseen),
  }
}

interface Named {
  name: string
  value?: string
}

async function readPlace(
  client: GitHubClient,
  { route, kind, own }: Place,
  environment_name: string,
): Promise<Holdings> {
  const params = own ? { environment_name } : {}
  try {
    const { items } = await client.list<Named>(route, { params, key: `${kind}s` })
    const held = items.map(({ name, value = null }): HeldName => ({ name, kind, own, value }))
    return { held, unseen: [] }
  } catch (error) {
    if (!isUnseen(error)) throw error
    const isMissing = own && failureStatus(error) === 404
    const problem = isMissing ? missing(environment_name) : oneLine(error.message)
    const unseen: UnseenNames = { kind, problem }
    return { held: [], unseen: [unseen] }
  }
}

/** GitHub answers the same for both. */
function missing(environment: string): string {
  const name = oneLine(environment, 60)
  return `the GitHub environment ${name} does not exist, or the token lacks environments=read`
}
