import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { SQLInputValue } from 'node:sqlite'
import { canonicalJson, type Json } from '../../src/core/canonical.ts'
import { edit, type Victim } from './victim.ts'

/** What somebody with a shell as gonogo's user tries, so that v2 gets to production without the approver. */
export interface ShellAttempt {
  /** As docs/security.md lists it. */
  name: string
  /**
   * Where it works. `L0`: where program, configuration and signers are gonogo's user's own. `around`: at L1,
   * too, since it does not need the gonogo that others set up: whoever is this user can do what it does.
   */
  works: 'nowhere' | 'L0' | 'around'
  run: (victim: Victim) => unknown
}

type Row = Record<string, SQLInputValue>

const version = { staging_version: 'v2' }

const promote = (victim: Victim, approval_token?: string) =>
  victim.ask('promote_to_production', { ...version, ...(approval_token && { approval_token }) })

const useOpen = (victim: Victim) => promote(victim, victim.requests.open)

const nowhere = (name: string, run: ShellAttempt['run']): ShellAttempt => ({
  name,
  works: 'nowhere',
  run,
})
const atL0 = (name: string, run: ShellAttempt['run']): ShellAttempt => ({ name, works: 'L0', run })
const around = (name: string, run: ShellAttempt['run']): ShellAttempt => ({
  name,
  works: 'around',
  run,
})

/** Edits rows, and uses the request that waits. */
function rows(name: string, change: (victim: Victim, store: StoreEdit) => void): ShellAttempt {
  return nowhere(name, async (victim) => {
    edit(victim, (db) => {
      const store: StoreEdit = {
        run: (sql, ...values) => void db.prepare(sql).run(...values),
        all: (sql, ...values) => db.prepare(sql).all(...values),
        put(table, row) {
          const names = Object.keys(row)
          const places = names.map(() => '?').join(', ')
          const sql = `insert or replace into ${table} (${names.join(', ')}) values (${places})`
          db.prepare(sql).run(...Object.values(row))
        },
      }
      change(victim, store)
    })
    await useOpen(victim)
  })
}

interface StoreEdit {
  run: (sql: string, ...values: SQLInputValue[]) => void
  all: (sql: string, ...values: SQLInputValue[]) => Row[]
  put: (table: string, row: Row) => void
}

const approve = `update approvals set state = 'approved', consumed_by = null where id = ?`

/** The decision about a request, with other columns, put to the one that waits. */
function lend(from: keyof Victim['requests'], columns: (row: Row, request: string) => Row) {
  return ({ requests }: Victim, { run, all, put }: StoreEdit): void => {
    const [decision] = all('select * from approval_decisions where approval_id = ?', requests[from])
    const [open] = all('select request from approvals where id = ?', requests.open)
    const changed = columns(decision!, textOf(open!['request']))
    put('approval_decisions', {
      ...decision!,
      id: 'dec_forged',
      approval_id: requests.open,
      ...changed,
    })
    run(approve, requests.open)
  }
}

function statement(row: Row, change: Record<string, Json>): string {
  return canonicalJson({
    ...(JSON.parse(textOf(row['statement'])) as Record<string, Json>),
    ...change,
  })
}

/** A column that holds text. */
const textOf = (value: unknown) => value as string

const parsed = (text: string) => JSON.parse(text) as Record<string, Json>

/** A used approval whose signed request is made to ask for v2. */
function rewritten(fields: readonly string[]) {
  return ({ requests }: Victim, { run, all }: StoreEdit): void => {
    const [open] = all('select * from approvals where id = ?', requests.open)
    const [used] = all('select * from approvals where id = ?', requests.used)
    const wanted = parsed(textOf(open!['request']))
    const request = parsed(textOf(used!['request']))
    for (const field of fields) request[field] = wanted[field]!
    run(
      `update approvals set request = ?, plan = ?, requester = ?, expires_at = ?, state = 'approved', consumed_by = null where id = ?`,
      canonicalJson(request),
      open!['plan']!,
      open!['requester']!,
      open!['expires_at']!,
      requests.used,
    )
  }
}

const allFields = [
  'version',
  'commit',
  'plan_hash',
  'digests',
  'expires_at',
  'requester',
  'operator',
  'reason',
]

const inTheStore: ShellAttempt[] = [
  rows('a row that says approved', ({ requests }, { run }) => run(approve, requests.open)),
  rows(
    'a decision without a signature',
    lend('used', () => ({ signature: null })),
  ),
  rows(
    'the signature of another approval',
    lend('used', () => ({})),
  ),
  rows(
    'the signature of an approval that expired',
    lend('expired', () => ({})),
  ),
  rows(
    'the signature of another approval under this request',
    lend('used', (row, request) => ({ statement: statement(row, { request: parsed(request) }) })),
  ),
  rows(
    'a rejection that says approved in its row',
    lend('rejected', () => ({ verdict: 'approved' })),
  ),
  rows(
    'a rejection that says approved in its statement',
    lend('rejected', (row, request) => ({
      verdict: 'approved',
      statement: statement(row, { verdict: 'approved', request: parsed(request) }),
    })),
  ),
  rows(
    'a login on GitHub, written by hand',
    lend('used', (row, request) => ({
      method: 'github_login',
      signature: null,
      level: 'L2',
      url: 'https://github.com/acme/shop/issues/1#issuecomment-1',
      statement: statement(row, { request: parsed(request) }),
    })),
  ),
  rows(
    'a static token, written by hand',
    lend('used', (row, request) => ({
      method: 'static_token',
      signature: null,
      statement: statement(row, { request: parsed(request) }),
    })),
  ),
  rows(
    'an unsigned word that says approved',
    lend('used', (row, request) => ({
      method: 'unsigned',
      signature: null,
      statement: statement(row, { request: parsed(request) }),
    })),
  ),
  rows(
    'a signature that is no signature',
    lend('used', (row, request) => ({
      signature: '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----',
      statement: statement(row, { request: parsed(request) }),
    })),
  ),
  rows(
    'a one-time code of one’s own',
    lend('used', (row, request) => ({
      code_sha256: 'f'.repeat(64),
      statement: statement(row, { request: parsed(request), code_sha256: 'f'.repeat(64) }),
    })),
  ),
  rows('a row that nobody asked for', ({ requests }, { all, put }) => {
    const [used] = all('select * from approvals where id = ?', requests.used)
    put('approvals', {
      ...used!,
      id: 'apr_00000000000000000000000000',
      state: 'approved',
      consumed_by: null,
    })
  }),
  ...[['version'], ['commit'], ['plan_hash'], ['expires_at'], ['requester'], allFields].map(
    (fields) =>
      nowhere(
        `a signed request with another ${fields.length > 1 ? 'everything' : fields[0]}`,
        async (victim) => {
          await rows('', rewritten(fields)).run(victim)
          await promote(victim, victim.requests.used)
        },
      ),
  ),
  nowhere('a used approval set back to unused', async (victim) => {
    edit(victim, (db) => db.prepare(approve).run(victim.requests.used))
    await promote(victim, victim.requests.used)
  }),
  nowhere('an older copy of the store', async (victim) => {
    edit(victim, (db) => {
      db.prepare(approve).run(victim.requests.used)
      db.exec(`delete from deployments where environment = 'production'; delete from locks`)
    })
    for (const staging_version of ['v1', 'v2']) {
      const args = { staging_version, approval_token: victim.requests.used }
      await victim.ask('promote_to_production', args)
    }
  }),
  nowhere('an expired approval with a later time in its row', async (victim) => {
    const later = Date.now() + 3_600_000
    edit(victim, (db) =>
      db
        .prepare(`update approvals set expires_at = ?, state = 'approved' where id = ?`)
        .run(later, victim.requests.expired),
    )
    await promote(victim, victim.requests.expired)
  }),
  nowhere('an expired approval with a later time in its request', async (victim) => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    edit(victim, (db) => {
      const row = db.prepare('select * from approvals where id = ?').get(victim.requests.expired)!
      const request = canonicalJson({ ...parsed(String(row['request'])), expires_at })
      db.prepare(
        `update approvals set request = ?, expires_at = ?, state = 'approved' where id = ?`,
      ).run(request, Date.parse(expires_at), victim.requests.expired)
    })
    await promote(victim, victim.requests.expired)
  }),
  rows('evidence by hand', (_victim, { run }) =>
    run('update evidence set recorded_at = ?', Date.now()),
  ),
  rows('a lock taken away', (_victim, { run }) => run('delete from locks')),
  rows('a line stop taken away', (_victim, { run }) => run('delete from line_stops')),
  rows('a hold taken away', (_victim, { run }) => run('delete from holds')),
  rows('an owed review taken away', (_victim, { run }) => run('delete from reviews_owed')),
  rows('refused tokens forgotten', (_victim, { run }) => run('delete from token_events')),
  rows('a caller token by hand', (_victim, { put }) =>
    put('caller_tokens', {
      id: 'tok_1',
      project: 'small',
      name: 'root',
      sha256: 'f'.repeat(64),
      role: 'deployer',
      environments: '[]',
      created_by: 'ada',
      created_at: 0,
      expires_at: null,
      revoked_at: null,
    }),
  ),
  atL0('a deployment row by hand, on a request that waits', (victim) =>
    admitByHand(victim, 'open'),
  ),
  atL0('a deployment row by hand, on an approval that was used', (victim) =>
    admitByHand(victim, 'used'),
  ),
]

/** A row as admission writes it, which nobody admitted; a look at it starts its keeper. */
async function admitByHand(victim: Victim, from: 'open' | 'used'): Promise<void> {
  const approval = victim.requests[from]
  const id = approval.replace('apr_', 'dep_')
  edit(victim, (db) => {
    const used = db.prepare(`select * from deployments where environment = 'production'`).get()!
    const asked = db.prepare('select * from approvals where id = ?').get(approval)!
    const { commit, version: release, plan_hash } = parsed(textOf(asked['request']))
    const changes = { phase: 'starting', status: 'queued', run_id: null, approval_id: approval }
    const subject = {
      release_sha: commit,
      release_version: release,
      plan: asked['plan'],
      plan_hash,
    }
    const row = { ...used, ...changes, ...subject, id } as Row
    const names = Object.keys(row)
    const places = names.map(() => '?').join(', ')
    const sql = `insert into deployments (${names.join(', ')}) values (${places})`
    db.prepare(sql).run(...Object.values(row))
    const admit = `update approvals set state = 'consumed', consumed_by = ? where id = ?`
    db.prepare(admit).run(id, approval)
  })
  await victim.ask('get_deployment_status', { deployment_id: id })
}

const ownList = (victim: Victim) => join(victim.own, 'approvers')
const ownKey = (victim: Victim) => join(victim.own, 'mallory')

function forgeKey(victim: Victim, name = 'mallory'): string {
  const file = ownKey(victim)
  victim.as(() => rmSync(file, { force: true }))
  victim.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file])
  const [type, key] = victim.as(() => readFileSync(`${file}.pub`, 'utf8')).split(' ')
  return `${name} namespaces="gonogo-approval,gonogo-trust" ${type} ${key} protection=passphrase\n`
}

function ownApprovers(victim: Victim): void {
  const line = forgeKey(victim)
  victim.as(() => writeFileSync(ownList(victim), line))
}

/** What a person does at the desk, with some key. */
const sign = (victim: Victim, key: string, env = {}, more: readonly string[] = []) =>
  victim.gonogo(
    ['approve', victim.requests.open, '--key', key, '--confirm', 'production', ...more],
    { env },
  )

/** Changes gonogo.yaml, and uses what that opens. */
function configured(change: (config: Config, victim: Victim) => void) {
  return async (victim: Victim): Promise<void> => {
    const file = join(victim.root, 'gonogo.yaml')
    victim.as(() => {
      const config = JSON.parse(readFileSync(file, 'utf8')) as Config
      change(config, victim)
      writeFileSync(file, JSON.stringify(config))
    })
    await promote(victim)
    await useOpen(victim)
  }
}

interface Config {
  [key: string]: unknown
  environments: Record<string, Record<string, unknown>>
  approvals: Record<string, unknown>
}

const open = (config: Config) => void (config.environments['production']!['approval'] = 'none')

const inTheConfiguration: ShellAttempt[] = [
  nowhere('an environment that wants no approval any more', configured(open)),
  nowhere(
    'a lower level',
    configured(({ approvals, environments }) => {
      approvals['mode'] = 'standard'
      environments['production']!['least_level'] = 'L0'
    }),
  ),
  nowhere('another list of approvers', async (victim) => {
    ownApprovers(victim)
    await configured(({ approvals }) => void (approvals['signers_file'] = ownList(victim)))(victim)
    await sign(victim, ownKey(victim))
    await useOpen(victim)
  }),
  nowhere(
    'another order of environments',
    configured((config) => {
      config.environments = Object.fromEntries(Object.entries(config.environments).toReversed())
      open(config)
    }),
  ),
  nowhere(
    'production under another name',
    configured((config) => {
      const { production, ...others } = config.environments
      config.environments = { ...others, shop: { ...production, approval: 'none' } }
    }),
  ),
  nowhere(
    'other steps',
    configured(({ environments }) => {
      const local = environments['production']!['local'] as { activate: unknown[] }
      local.activate = [{ name: 'own', run: ['true'] }]
    }),
  ),
  nowhere('a policy that trusts itself', async (victim) => {
    edit(victim, (db) => db.exec(`update trusted_policies set approver = 'ada', level = 'L1'`))
    await configured(open)(victim)
  }),
  nowhere('an approval in place of trust', async (victim) => {
    edit(victim, (db) =>
      db
        .prepare(
          'update trusted_policies set signature = (select signature from approval_decisions where approval_id = ?)',
        )
        .run(victim.requests.used),
    )
    await configured(open)(victim)
  }),
  atL0('a policy that nobody ever trusted', async (victim) => {
    edit(victim, (db) => db.exec('delete from trusted_policies'))
    await configured(open)(victim)
  }),
  atL0('a project of another name', async (victim) => {
    await configured((config) => {
      config['project'] = 'large'
      open(config)
    })(victim)
    await vouchForStaging(victim, {})
    await promote(victim)
  }),
  nowhere('staging in the directory of production', async (victim) => {
    await configured(({ environments }) => {
      Object.assign(environments['staging']!, { local: environments['production']!['local'] })
    })(victim)
  }),
]

/** A decision that gonogo never saw being made. */
async function signedByHand(victim: Victim, key: string, env: Record<string, string> = {}) {
  const said = edit(victim, (db) => {
    const about = (column: string, table: string, id: string) =>
      parsed(
        String(
          Object.values(
            db
              .prepare(`select ${column} from ${table} where ${id} = ?`)
              .get(victim.requests[id === 'id' ? 'open' : 'used'])!,
          )[0],
        ),
      )
    const request = about('request', 'approvals', 'id')
    return canonicalJson({
      ...about('statement', 'approval_decisions', 'approval_id'),
      request,
      decided_at: new Date().toISOString(),
    })
  })
  const argv = ['ssh-keygen', '-q', '-Y', 'sign', '-n', 'gonogo-approval', '-f', key] as const
  const signature = victim.run(argv, { input: said, env })
  await rows(
    '',
    lend('used', () => ({ statement: said, signature })),
  ).run(victim)
}

const withKeys: ShellAttempt[] = [
  atL0('an approver of one’s own, by gonogo approver add', async (victim) => {
    forgeKey(victim)
    await victim.gonogo(['approver', 'add', 'mallory', '--key', ownKey(victim)])
    await sign(victim, ownKey(victim))
    await useOpen(victim)
  }),
  atL0('an approver of one’s own, by hand', async (victim) => {
    const line = forgeKey(victim)
    victim.as(() => appendFileSync(victim.signers, line))
    await sign(victim, ownKey(victim))
    await useOpen(victim)
  }),
  nowhere('a key that nobody listed', async (victim) => {
    forgeKey(victim)
    await sign(victim, ownKey(victim))
    await useOpen(victim)
  }),
  nowhere('a key under the approver’s name', async (victim) => {
    forgeKey(victim, 'ada')
    await sign(victim, ownKey(victim))
    await useOpen(victim)
  }),
  atL0('the approver’s key, which has no passphrase', async (victim) => {
    await sign(victim, victim.key)
    await useOpen(victim)
  }),
  atL0('the approver’s key in a pseudo-terminal', async (victim) => {
    const named = { after: 'approve: ', keys: 'production\r' }
    const guess = { after: 'passphrase', keys: 'ada\r' }
    const typing = victim.level === 'L0' ? [named] : [named, guess]
    await victim.gonogo(['approve', victim.requests.open, '--key', victim.key], { typing })
    await useOpen(victim)
  }),
  atL0('the approver’s key in an agent of one’s own', async (victim) => {
    const socket = join(victim.own, 'agent')
    const [, pid] = /SSH_AGENT_PID=(\d+)/.exec(victim.run(['ssh-agent', '-a', socket])) ?? []
    try {
      // Never asks for a passphrase: it has no terminal.
      const env = { SSH_AUTH_SOCK: socket, SSH_ASKPASS_REQUIRE: 'never' }
      victim.run(['ssh-add', '-q', victim.key], { env })
      await signedByHand(victim, `${victim.key}.pub`, env)
    } finally {
      process.kill(Number(pid))
    }
  }),
  atL0('the approver’s key with a few passphrases', async (victim) => {
    for (const passphrase of ['', 'password', 'ada']) {
      const copy = join(victim.own, 'copy')
      victim.as(() => cpSync(victim.key, copy))
      victim.run(['ssh-keygen', '-q', '-p', '-P', `${passphrase}x`, '-N', '', '-f', copy])
      await sign(victim, copy)
    }
    await useOpen(victim)
  }),
]

/** A directory of the attacker's own with a configuration of their own, about the same production. */
function ownProject(victim: Victim, change: (config: Config) => void): string {
  const directory = join(victim.own, 'project')
  victim.as(() => {
    mkdirSync(directory, { recursive: true })
    const config = JSON.parse(readFileSync(join(victim.root, 'gonogo.yaml'), 'utf8')) as Config
    const [staging, production] = Object.values(config.environments)
    Object.assign(staging!['local'] as object, { directory: join(victim.production, '../staging') })
    Object.assign(production!['local'] as object, { directory: victim.production })
    change(Object.assign(config, { state_directory: join(victim.own, 'state') }))
    writeFileSync(join(directory, 'gonogo.yaml'), JSON.stringify(config))
  })
  return directory
}

const start = (victim: Victim, env: Record<string, string>, more: readonly string[] = []) =>
  victim.gonogo(['promote', 'v2', '--skip-smoke-tests', '--yes', '--json', ...more], { env })

/** What another store knows nothing of: that v2 is on staging and works there. */
async function vouchForStaging(victim: Victim, env: Record<string, string>): Promise<void> {
  await victim.gonogo(['adopt', 'staging', 'v2'], { env })
  await victim.gonogo(['smoke', 'staging'], { env })
}

/** A program in the place of another, found first. */
function replaced(victim: Victim, name: string, script: string): Record<string, string> {
  const file = join(victim.own, 'bin', name)
  victim.as(() => {
    mkdirSync(join(victim.own, 'bin'), { recursive: true })
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  })
  return { PATH: `${join(victim.own, 'bin')}:${process.env['PATH']}` }
}

const inTheEnvironment: ShellAttempt[] = [
  around('a project of one’s own about the same production', async (victim) => {
    const directory = ownProject(victim, (config) => {
      config.approvals = {}
      config.environments = {
        production: { ...config.environments['production'], approval: 'none' },
      }
    })
    await start(victim, { GONOGO_PROJECT: directory })
  }),
  around('the link to the current release, moved by hand', (victim) => {
    const link = join(victim.production, 'current')
    victim.as(() => {
      rmSync(link)
      symlinkSync('releases/none', link)
    })
  }),
  atL0('another state directory with an approver of one’s own', async (victim) => {
    const state = join(victim.own, 'state')
    const line = forgeKey(victim)
    victim.as(() => {
      mkdirSync(state, { recursive: true })
      writeFileSync(join(state, 'approvers'), line)
    })
    const env = { GONOGO_STATE_DIR: state }
    await vouchForStaging(victim, env)
    const [id = ''] = /apr_[0-9a-z]{26}/.exec(await start(victim, env)) ?? []
    await victim.gonogo(['approve', id, '--key', ownKey(victim), '--confirm', 'production'], {
      env,
    })
    await start(victim, env, ['--approval-token', id])
  }),
  nowhere('another home directory', async (victim) => {
    await start(victim, { HOME: victim.own, XDG_STATE_HOME: join(victim.own, 'state') })
  }),
  atL0('an ssh-keygen of one’s own that finds every signature good', async (victim) => {
    const env = replaced(victim, 'ssh-keygen', 'cat >/dev/null; exit 0')
    // Where nothing is asked for under such a PATH, somebody else's request has to do.
    const [id = victim.requests.open] = /apr_[0-9a-z]{26}/.exec(await start(victim, env)) ?? []
    edit(victim, (db) => {
      const row = db
        .prepare('select * from approval_decisions where approval_id = ?')
        .get(victim.requests.used)!
      const asked = db.prepare('select request from approvals where id = ?').get(id)!
      const said = statement(row, { request: parsed(textOf(asked['request'])) })
      db.prepare(
        'insert into approval_decisions select ?, project, ?, verdict, method, person, identity, level, ?, signature, url, code_sha256, ? from approval_decisions where id = ?',
      ).run('dec_forged', id, said, Date.now(), row['id']!)
      db.prepare(approve).run(id)
    })
    await start(victim, env, ['--approval-token', id])
  }),
  atL0('a static token set by oneself', async (victim) => {
    const token = 'mallory-mallory-mallory-4471'
    await start(victim, { DEPLOYMENT_ADMIN_TOKENS: token, GONOGO_APPROVAL_TOKEN: token })
  }),
  atL0('the static token in the environment of the server', async (victim) => {
    const variables = victim.as(() => readFileSync(`/proc/${victim.server}/environ`, 'utf8'))
    const [, token] = /DEPLOYMENT_ADMIN_TOKENS=([^\0]*)/.exec(variables) ?? []
    await promote(victim, token)
  }),
  nowhere('a guessed static token', async (victim) => {
    await start(victim, { GONOGO_APPROVAL_TOKEN: 'admin' })
  }),
  nowhere('the operating-system name of the approver', async (victim) => {
    await start(victim, { USER: 'ada', LOGNAME: 'ada' })
  }),
]

const brought: ShellAttempt[] = [
  nowhere('a decision of a stranger, imported', async (victim) => {
    forgeKey(victim)
    const file = join(victim.own, 'request.json')
    const exported = await victim.gonogo(['approval', 'export', victim.requests.open])
    victim.as(() => writeFileSync(file, exported))
    const decision = await victim.gonogo([
      'approve',
      '--request',
      file,
      '--key',
      ownKey(victim),
      '--confirm',
      'production',
    ])
    victim.as(() => writeFileSync(file, decision))
    await victim.gonogo(['approval', 'import', file])
    await useOpen(victim)
  }),
  nowhere('a decision made up, imported', async (victim) => {
    const file = join(victim.own, 'decision.json')
    victim.as(() =>
      writeFileSync(
        file,
        JSON.stringify({
          format: 'gonogo-decision-v1',
          verdict: 'approved',
          approval_id: victim.requests.open,
        }),
      ),
    )
    await victim.gonogo(['approval', 'import', file])
    await useOpen(victim)
  }),
  nowhere('a signature of a stranger, put into the store', async (victim) => {
    forgeKey(victim)
    await signedByHand(victim, ownKey(victim))
  }),
  nowhere('the tag moved to another commit', async (victim) => {
    const git = (...args: string[]) => victim.run(['git', '-C', victim.repository, ...args])
    const was = git('rev-parse', 'v2').trim()
    git('tag', '--force', 'v2', 'v3')
    try {
      await promote(victim)
      await useOpen(victim)
    } finally {
      git('tag', '--force', 'v2', was)
    }
  }),
  nowhere('the audit log emptied', async (victim) => {
    victim.as(() => writeFileSync(join(victim.state, 'audit.jsonl'), ''))
    await useOpen(victim)
  }),
]

export const shellAttempts: readonly ShellAttempt[] = [
  ...inTheStore,
  ...inTheConfiguration,
  ...withKeys,
  ...inTheEnvironment,
  ...brought,
]
