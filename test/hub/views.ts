import type { HubCore } from './operation.ts'

/** GitHub's opaque id beside a number. */
export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString('base64url')
}

/** A number that a name always has, for what is known by its name. */
export function idOf(name: string): number {
  let hash = 7
  for (const character of name.toLowerCase())
    hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_000_007
  return hash + 1000
}

/** Base address of the repository in the API. */
export function repositoryUrl(core: HubCore): string {
  return `${core.apiUrl}/repos/${core.owner}/${core.name}`
}

/** And for people. */
export function repositoryPage(core: HubCore): string {
  return `${core.webUrl}/${core.owner}/${core.name}`
}

export function simpleUser(core: HubCore, login: string): Record<string, unknown> {
  const url = `${core.apiUrl}/users/${encodeURIComponent(login)}`
  const page = `${core.webUrl}/${encodeURIComponent(login)}`
  const isBot = login.endsWith('[bot]')
  return {
    login,
    id: idOf(login),
    node_id: nodeId('User', login),
    avatar_url: `${page}.png`,
    gravatar_id: '',
    url,
    html_url: page,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: isBot ? 'Bot' : 'User',
    site_admin: false,
  }
}

/** Addresses below a repository, as its object in answers names them. */
const links = {
  archive: '/{archive_format}{/ref}',
  assignees: '{/user}',
  blobs: '/git/blobs{/sha}',
  branches: '{/branch}',
  collaborators: '{/collaborator}',
  comments: '{/number}',
  commits: '{/sha}',
  compare: '/{base}...{head}',
  contents: '/{+path}',
  contributors: '',
  deployments: '',
  downloads: '',
  events: '',
  forks: '',
  hooks: '',
  git_commits: '/git/commits{/sha}',
  git_refs: '/git/refs{/sha}',
  git_tags: '/git/tags{/sha}',
  issue_comment: '/issues/comments{/number}',
  issue_events: '/issues/events{/number}',
  issues: '{/number}',
  keys: '{/key_id}',
  labels: '{/name}',
  languages: '',
  merges: '',
  milestones: '{/number}',
  notifications: '{?since,all,participating}',
  pulls: '{/number}',
  releases: '{/id}',
  stargazers: '',
  statuses: '/{sha}',
  subscribers: '',
  subscription: '',
  tags: '',
  teams: '',
  trees: '/git/trees{/sha}',
}

export function minimalRepository(core: HubCore): Record<string, unknown> {
  const url = repositoryUrl(core)
  const addresses = Object.entries(links).map(([name, rest]) => [
    `${name}_url`,
    rest.startsWith('/git/') || rest.startsWith('/issues/') ? url + rest : `${url}/${name}${rest}`,
  ])
  const fullName = `${core.owner}/${core.name}`
  return {
    id: idOf(fullName),
    node_id: nodeId('Repository', fullName),
    name: core.name,
    full_name: fullName,
    owner: {
      ...simpleUser(core, core.owner),
      type: core.settings.organizationVariables === null ? 'User' : 'Organization',
    },
    private: !core.settings.isPublic,
    html_url: repositoryPage(core),
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(addresses),
  }
}
