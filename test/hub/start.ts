import { accountOperations } from './accounts.ts'
import { createActions } from './actions/index.ts'
import { createBlobStore } from './blobs.ts'
import { startClock, type Clock } from './clock.ts'
import { commitOperations } from './commits.ts'
import { describe } from './description.ts'
import { environmentOperations } from './environments.ts'
import type { ServerParts } from './exchange.ts'
import { openGit } from './git.ts'
import type { Fault, Hub, HubOptions, HubSettings, RecordedRequest } from './hub.ts'
import { issueOperations } from './issues.ts'
import { createLimits } from './limits.ts'
import { objectOperations } from './objects.ts'
import type { Caller, HubCore } from './operation.ts'
import { protectionOperations } from './protection.ts'
import { pullOperations } from './pulls.ts'
import { createRecords } from './records.ts'
import { createReferences } from './references.ts'
import { repositoryOperations } from './repository.ts'
import { createRestServer } from './server.ts'
import { createTokens, type Tokens } from './tokens.ts'

/** The login whose token gonogo is given. */
const machineUser = 'gonogo-bot'

/** Starts a stand-in for GitHub. Close it: it holds two ports, and processes of jobs that run for real. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const violations: string[] = []
  const requests: RecordedRequest[] = []
  const downloads: RecordedRequest[] = []
  const faults: Fault[] = []
  const clock = startClock(options.clock ?? {}, (error) => {
    violations.push(`the stand-in failed: ${error instanceof Error ? error.stack : String(error)}`)
  })
  const settings = freshSettings()
  const tokens = createTokens()
  const people = new Map<string, Caller>()
  const blobs = createBlobStore({
    now: () => clock.now(),
    faults,
    record: (one) => downloads.push(one),
  })
  const ends: (() => void | Promise<void>)[] = []
  const git = openGit(options.git)
  const core = createCore({ options, clock, settings, tokens, people, blobs, ends })
  const records = createRecords(core, git)
  const references = createReferences(core, git)
  Object.assign(core, records.keep)
  const { operations, actions } = createActions(core)
  const limits = createLimits(() => settings.limit)
  const prefix = core.host === 'ghes' ? '/api/v3' : ''
  const parts: ServerParts = {
    core,
    prefix,
    settings,
    tokens,
    limits,
    faults,
    requests,
    violations,
    describe: (version) => describe(core.host === 'ghes' ? 'ghes-3.19' : version),
  }
  const server = createRestServer(parts, [
    ...accountOperations(core, tokens, limits),
    ...repositoryOperations(core, git, references),
    ...references.operations,
    ...issueOperations(core),
    ...commitOperations(core, git, references),
    ...objectOperations(core, git),
    ...records.operations,
    ...protectionOperations(core),
    ...environmentOperations(core),
    ...pullOperations(core, git),
    ...operations,
  ])
  await blobs.listen()
  core.webUrl = `http://127.0.0.1:${await server.listen()}`
  core.apiUrl = core.webUrl + prefix
  const person = (login: string, permissions: Caller['permissions'] = 'write') => {
    people.set(login, { login, kind: 'user', permissions, machine: login === machineUser })
    return core.issueToken(login)
  }
  return {
    apiUrl: core.apiUrl,
    repository: `${core.owner}/${core.name}`,
    token: person(machineUser),
    person,
    clock,
    requests,
    downloads,
    faults,
    violations,
    actions,
    settings,
    issueToken: (login, expiresAt) =>
      tokens.issue(callerOf(people, login), expiresAt === undefined ? {} : { expiresAt }),
    revokeToken: tokens.revoke,
    async close() {
      clock.stop()
      for (const end of ends.toReversed()) await end()
      await Promise.all([server.close(), blobs.close()])
    },
  }
}

/** Writable where the server is only known later. */
type OpenCore = { -readonly [Key in keyof HubCore]: HubCore[Key] }

function createCore(parts: {
  options: HubOptions
  clock: Clock
  settings: HubSettings
  tokens: Tokens
  people: Map<string, Caller>
  blobs: { serve: HubCore['serve'] }
  ends: (() => void | Promise<void>)[]
}): OpenCore {
  const { options, tokens, people } = parts
  const [owner = '', name = ''] = (options.repository ?? 'acme/clinic').split('/')
  // Beyond 2^32, as GitHub's have long been.
  let lastId = 5_000_000_000
  return {
    options,
    host: options.host ?? 'github.com',
    owner,
    name,
    git: options.git,
    apiUrl: '',
    webUrl: '',
    clock: parts.clock,
    settings: parts.settings,
    nextId: () => (lastId += 1),
    issueToken: (login, permissions) => {
      const caller = callerOf(people, login)
      return tokens.issue({ ...caller, permissions: permissions ?? caller.permissions })
    },
    revokeToken: tokens.revoke,
    permissionsOf: (login) => people.get(login)?.permissions ?? null,
    serve: parts.blobs.serve,
    addCheckRun: () => 0,
    updateCheckRun: () => undefined,
    onClose: (end) => void parts.ends.push(end),
  }
}

function callerOf(people: Map<string, Caller>, login: string): Caller {
  const kind = login.endsWith('[bot]') ? 'bot' : 'user'
  return people.get(login) ?? { login, kind, permissions: 'write' }
}

function freshSettings(): HubSettings {
  return {
    variables: {},
    isPublic: false,
    organizationVariables: null,
    environments: new Map(),
    secrets: [],
    organizationSecrets: [],
    pulls: [],
    logins: new Map(),
    requiredChecks: new Map(),
    rulesets: [],
    tokenIsAdmin: false,
    writesFor: new Map(),
    limit: 5000,
    missingPermissions: new Set(),
    scopes: null,
    checks: new Map(),
    app: null,
    alerts: { 'code-scanning': null, dependabot: null, 'secret-scanning': null },
    packages: new Map(),
  }
}
