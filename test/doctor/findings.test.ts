import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { Environment, Project } from '../../src/core/project.ts'
import { Failure } from '../../src/core/failure.ts'
import { examine } from '../../src/doctor/examine.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { approverKey, answer, release } from '../support/fake-ports.ts'
import { fakeEnvironment, fakeProject, smokeStep, smokeSuites } from '../support/fake-project.ts'
import { adminToken } from '../support/held.ts'
import { byId, machine, patient, programs, put, told } from './patient.ts'

/** A world whose project lies in its own directory, so that nothing outside is looked at. */
function world(change: (project: Project) => void = () => undefined): World {
  const project = fakeProject()
  const made = makeWorld({ project })
  const { directory } = made
  project.state_directory = directory
  chmodSync(directory, 0o700)
  project.environments = ['staging', 'production'].map((name) =>
    fakeEnvironment(name, {
      local: {
        directory: join(directory, name),
        prepare: [],
        activate: [{ name: 'restart', run: ['sh', 'restart'], directory: '.', timeout_seconds: 9 }],
        keep_releases: 2,
      },
    }),
  )
  project.tests = [{ name: 'unit', run: ['true'], directory: '.', timeout_seconds: 9, junit: null }]
  change(project)
  return made
}

const production = ({ environments }: Project): Environment => environments[1]!
const bad = (found: Awaited<ReturnType<typeof told>>) =>
  Object.values(found).flatMap((each) => each.filter(([status]) => status === 'fail'))

describe('a set-up that works', () => {
  it('has no failure, and a fix for everything that is not well', async () => {
    const { call, pipeline } = world()
    pipeline.running.set('staging', release('1')).set('production', release('1'))
    const findings = await examine(machine(), { patient: patient(call) })
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([])
    for (const { status, message, fix } of findings) {
      expect([message, fix === null]).toEqual([message, status === 'ok'])
    }
    const found = byId(findings)
    expect(found.level_reached).toEqual([
      ['ok', 'production: an approval reaches L1 here (ada L1, bob L1); L0 is wanted', null],
    ])
    expect(found.health_endpoint?.map(([status]) => status)).toEqual(['ok', 'ok'])
    expect(found.not_checked).toBeUndefined()
  })
})

describe('what cannot be looked at', () => {
  it('is told when a look crashes, and the others go on', async () => {
    const { call } = world()
    const broken = {
      ...call,
      approvers: { ...call.approvers, list: () => Promise.reject(new Error('odd')) },
    }
    const found = await told(broken)
    expect(found.not_checked).toEqual([
      [
        'warn',
        expect.stringContaining('approvals could not be checked: unexpected error: odd'),
        expect.any(String),
      ],
    ])
    expect(found.repository).toBeDefined()
  })

  it('is told when a look hangs', async () => {
    const { call } = world()
    const source = { ...call.source, defaultBranch: () => new Promise<string>(() => undefined) }
    const subject = patient({ ...call, source })
    const found = byId(await examine(subject, { patient: subject }, 300))
    expect(found.not_checked?.map(([, message]) => message)).toContain(
      'pipeline could not be checked: no answer within 0.3 s',
    )
    expect(found.configuration).toBeDefined()
  })

  it('is named when the configuration is broken, with each of its problems', async () => {
    const message = 'gonogo.yaml:3: one\ngonogo.yaml:5: other'
    const problem = new Failure({ code: 'invalid_configuration', message, hint: 'correct it' })
    const found = byId(await examine(machine(), { patient: null, problem }))
    expect(found.configuration).toEqual([
      ['fail', 'gonogo.yaml:3: one', 'correct it'],
      ['fail', 'gonogo.yaml:5: other', 'correct it'],
    ])
    expect(found.not_checked?.[0]?.[1]).toMatch(
      /not looked at .*: store, audit log, notifications, keepers/,
    )
    expect(found.git_version).toEqual([['ok', 'git 2.45.1', null]])
  })
})

describe('versions and variables', () => {
  it.each([
    ['git_version', { ...programs, git: 'git version 2.30.9' }, 'git 2.30.9 is too old'],
    ['openssh_version', { ...programs, ssh: 'OpenSSH_8.0p1' }, '8.0 is too old: 8.1 or later'],
    ['git_version', { ssh: '', 'ssh-keygen': '' }, 'git is not on PATH'],
    ['openssh_version', { git: programs['git']! }, 'nobody can approve'],
  ] as const)('%s fails for %j', async (id, installed, message) => {
    const { call } = world()
    const found = await told(call, machine(installed))
    expect(found[id]).toEqual([['fail', expect.stringContaining(message), expect.any(String)]])
  })

  it('npm is wanted where a lock file is to be scanned', async () => {
    const { call } = world()
    const { npm: _, ...withoutNpm } = programs
    expect((await told(call, machine(withoutNpm))).npm_version).toBeUndefined()
    const source = { ...call.source, readFile: async () => new Uint8Array() }
    expect((await told({ ...call, source }, machine(withoutNpm))).npm_version?.[0]?.[0]).toBe(
      'fail',
    )
  })

  it('a misspelt variable is told with what is meant; what gonogo sets itself is not', async () => {
    const { call } = world()
    const env = { GONOGO_PROJET: '/srv', GONOGO_STEP: 'restart', DEPLOYMENT_ZONE: 'x' }
    const found = await told(call, {
      ...machine(programs, env),
      overrides: [{ variable: 'STAGING_URL', key: 'environments.staging.url' }],
    })
    expect(found.variable_unknown).toEqual([
      ['warn', expect.stringMatching(/GONOGO_PROJET .* GONOGO_PROJECT\?/), 'unset GONOGO_PROJET'],
    ])
    expect(found.variable_override?.[0]?.[1]).toContain('replaces environments.staging.url')
  })

  it('a schema of another version is told, one that is absent is not', async () => {
    const { call, directory } = world()
    const schema = { file: join(directory, 'schema.json'), text: 'new' }
    expect((await told(call, { schema })).schema_file).toBeUndefined()
    writeFileSync(schema.file, 'old')
    expect((await told(call, { schema })).schema_file?.[0]?.[0]).toBe('warn')
    writeFileSync(schema.file, 'new')
    expect((await told(call, { schema })).schema_file?.[0]?.[0]).toBe('ok')
  })
})

describe('store and audit log', () => {
  it('without a store there is a note, and still no store', async () => {
    const { call } = world()
    const found = await told(call)
    expect(found.store?.[0]?.slice(0, 2)).toEqual(['note', expect.stringContaining('no store yet')])
    expect(await call.store.inspect(async () => null)).toBeNull()
  })

  it('a damaged store is a failure, and others who may look in are told', async () => {
    const made = world()
    await put(made, {})
    await made.call.store.close()
    const file = join(made.directory, 'gonogo.db')
    const bytes = readFileSync(file)
    // The pages behind the first, where the tables are.
    bytes.fill(0x5a, 4096)
    writeFileSync(file, bytes)
    chmodSync(made.directory, 0o755)
    const found = await told(made.call)
    expect(found.store?.[0]?.slice(0, 2)).toEqual(['fail', expect.stringContaining('is damaged')])
    // What is in it is unknown, which is not "nothing".
    expect(found.keeper).toBeUndefined()
    expect(found.policy_trust).toBeUndefined()
    expect(found.not_checked?.length).toBeGreaterThanOrEqual(2)
    expect(found.state_directory).toEqual([
      ['warn', expect.stringContaining('mode 755'), `chmod 700 ${made.directory}`],
    ])
  })

  it('tables of a newer gonogo are a failure, and what is in them is unknown', async () => {
    const made = world()
    await put(made, { phase: 'running', status: 'in_progress' })
    await made.call.store.close()
    const database = new DatabaseSync(join(made.directory, 'gonogo.db'))
    database.exec('insert into schema_version values (99, 0)')
    database.close()
    const found = await told(made.call)
    expect(found.store_schema?.[0]?.[0]).toBe('fail')
    expect([found.store, found.keeper]).toEqual([undefined, undefined])
  })

  it('the project the doctor is given can make and write no store', async () => {
    const { call } = world()
    const { store, keepers, readOnly } = patient(call).call
    expect(readOnly).toBe(true)
    for (const attempt of [
      store.read((tables) => tables.deployments.list({ limit: 1 })),
      store.write((tables) => tables.deployments.fenceOff('dep_1')),
      keepers.start('dep_1'),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'read_only' })
    expect(await call.store.inspect(async () => null)).toBeNull()
  })

  it('a changed audit log is a failure; a sound one is told not to be anchored', async () => {
    const { call } = world()
    const event = { operation: 'deploy', user: 'human:ada', environment: null, success: true }
    const rest = { phase: 'result', details: {}, request_id: 'r', correlation_id: null } as const
    await call.audit.append({ ...event, ...rest, dry_run: false, approval: null })
    const sound = await told(call)
    expect(sound.audit_chain).toEqual([['ok', expect.stringContaining('1 line(s)'), null]])
    expect(sound.audit_anchor?.[0]?.[1]).toMatch(/^no anchor: .*can rewrite all of it$/)
    const text = readFileSync(call.audit.path, 'utf8')
    writeFileSync(call.audit.path, text.replace('human:ada', 'human:bob'))
    expect((await told(call)).audit_chain?.[0]?.slice(1)).toEqual([
      expect.stringContaining('was changed: line 1'),
      'gonogo audit verify',
    ])
  })
})

describe('deployments under way', () => {
  it('that nobody watches are a failure, and get no keeper by being looked at', async () => {
    const made = world()
    await put(made, { phase: 'running', status: 'in_progress', last_error: 'no disk', attempt: 3 })
    const found = await told(made.call)
    expect(found.keeper).toEqual([
      ['fail', expect.stringContaining('nobody watches dep_1 to staging'), 'gonogo keep dep_1'],
    ])
    expect(found.deployment_trouble?.[0]?.[1]).toContain('3 turn(s) in a row: no disk')
    expect(made.watched).toEqual([])
  })

  it('whose lease ran out, or whose keeper is gone, are watched by nobody', async () => {
    const made = world()
    const owner = { lease_owner: 'keeper pid 12 on here since 1', status: 'in_progress' } as const
    await put(made, { ...owner, lease_until: 1 })
    expect((await told(made.call)).keeper?.[0]?.[0]).toBe('fail')
    const gone = world()
    await put(gone, { ...owner, lease_until: 9e15 })
    const keepers = { ...gone.call.keepers, mayLive: async () => false }
    expect((await told({ ...gone.call, keepers })).keeper?.[0]?.[0]).toBe('fail')
  })

  it('that are watched are told with their keeper', async () => {
    const made = world()
    const lease = { lease_owner: 'keeper pid 12 on here since 1', lease_until: 9e15 }
    await put(made, { phase: 'running', status: 'in_progress', ...lease })
    expect((await told(made.call)).keeper).toEqual([
      ['ok', 'dep_1 to staging (running) is watched by keeper pid 12', null],
    ])
  })
})

describe('approvals', () => {
  it('a level that policy wants and nobody can reach is a failure', async () => {
    const { call, approvers } = world(({ approvals }) => void (approvals.mode = 'strict'))
    approvers.protected = false
    const found = await told(call)
    expect(found.level_reached?.[0]?.slice(0, 2)).toEqual([
      'fail',
      'production can never be approved here: approvals.mode: strict wants L1, best reachable is L0',
    ])
    expect(found.policy_in_reach?.[0]?.[1]).toMatch(/\/srv\/gonogo\.yaml; \/etc\/approvers/)
    expect(found.policy_trust?.[0]?.[0]).toBe('fail')
  })

  it('keys that approve without asking are told', async () => {
    const { call, approvers, signer } = world()
    approvers.known.push({ name: 'eve', ...approverKey('eve-plain') })
    signer.inAgent.add('SHA256:bob')
    const found = await told(call)
    expect(found.approver_key?.map(([status, message]) => [status, message.split(' ')[0]])).toEqual(
      [
        ['ok', 'ada'],
        ['warn', 'bob'],
        ['warn', 'eve'],
      ],
    )
    expect(found.level_reached?.[0]?.[1]).toContain('ada L1, bob L0, eve L0')
  })

  it('a line with limits of its own is told as one that was not judged', async () => {
    const { call, approvers } = world()
    approvers.known = [{ name: 'eve', ...approverKey('eve'), limits: 'valid-before="20200101"' }]
    const found = await told(call)
    expect(found.not_checked?.[0]?.[1]).toMatch(/eve: .* limited by valid-before="20200101"/)
  })

  it('root reaches everything, and that is said instead of a list', async () => {
    const { call } = world()
    expect((await told(call, { root: true })).policy_in_reach?.[0]?.[1]).toMatch(
      /^gonogo runs as root/,
    )
  })

  it('nobody registered is a failure, unless static tokens stand in, which are never shown', async () => {
    const { call, approvers } = world()
    approvers.known = []
    expect((await told(call)).approvers?.[0]?.[0]).toBe('fail')
    const found = await told({ ...call, adminTokens: [adminToken('very-secret')] })
    expect(found.approvers?.[0]?.[0]).toBe('warn')
    expect(found.static_tokens?.[0]?.[1]).toContain('can read or set the environment')
    expect(found.level_reached?.[0]?.[1]).toContain('reaches L0')
    expect(JSON.stringify(found)).not.toContain('very-secret')
  })

  it('it is always said that credentials work around gonogo', async () => {
    const { call } = world()
    expect((await told(call)).around_gonogo?.[0]?.[1]).toMatch(/^credentials on this machine/)
  })
})

describe('pipeline and isolation', () => {
  it('a program that is not there is a failure that names its step', async () => {
    const { call } = world((project) => {
      production(project).local!.activate[0]!.run = ['no-such-program', 'now']
    })
    expect((await told(call)).programs).toEqual([
      [
        'fail',
        expect.stringContaining('step restart of production starts no-such-program'),
        expect.any(String),
      ],
    ])
  })

  it('a target that is no directory, and an unreadable repository, are failures', async () => {
    const { call, directory } = world()
    writeFileSync(join(directory, 'production'), '')
    const gone = new Failure({ code: 'source_unavailable', message: 'no repository', hint: 'look' })
    const source = { ...call.source, defaultBranch: () => Promise.reject(gone) }
    const found = await told({ ...call, source })
    expect(found.pipeline_target?.map(([status]) => status)).toEqual(['ok', 'fail'])
    expect(found.repository).toEqual([['fail', 'no repository', 'look']])
  })

  it('required tests that do not exist are a failure', async () => {
    const { call } = world((project) => void (project.tests = []))
    expect((await told(call)).tests?.[0]?.[1]).toContain('nothing is ever valid')
  })

  it('without a pipeline gonogo observes, and nothing of a pipeline is looked at', async () => {
    const { call } = world((project) => void (project.pipeline = null))
    const found = await told({ ...call, pipeline: null })
    expect(found.pipeline?.[0]?.[0]).toBe('note')
    expect([found.isolation, found.pipeline_target]).toEqual([undefined, undefined])
  })

  it('a file of secrets that others may read, and a shared secret, are told without values', async () => {
    const { call, directory } = world((project) => {
      production(project).env_file = '/nowhere'
    })
    const file = join(directory, 'production.env')
    mkdirSync(directory, { recursive: true })
    writeFileSync(file, '', { mode: 0o644 })
    production(call.project).env_file = file
    const found = await told(call)
    expect(found.env_file).toEqual([
      ['warn', expect.stringContaining('mode 644'), `chmod 600 ${file}`],
    ])
    expect(found.shared_state?.[0]?.[1]).toContain(
      'staging and production have the same SESSION_SECRET',
    )
    expect(JSON.stringify(found)).not.toContain('x'.repeat(40))
    expect(found.isolation?.[0]?.[1]).toContain('isolation: none')
  })
})

describe('live systems', () => {
  it.each([
    ['does not answer', { reached: false, problem: 'refused', duration_ms: 1 } as const, 'refused'],
    ['is ill', answer(503), 'answers 503, so it counts as unhealthy'],
    ['redirects', answer(302), 'a redirect, which is not followed'],
  ])('a health endpoint that %s fails once gonogo has deployed there', async (_, got, message) => {
    const { call, probe, pipeline } = world()
    probe.answers.set('http://production.test/health', got)
    const finding = async () =>
      (await told(call)).health_endpoint?.find(([, text]) => text.includes(message))
    expect((await finding())?.[0]).toBe('warn')
    pipeline.running.set('production', release('1'))
    expect(await finding()).toEqual([
      'fail',
      expect.any(String),
      'curl -i http://production.test/health',
    ])
  })

  it('a release that cannot be read is not taken for none', async () => {
    const { call, probe } = world()
    probe.answers.set('http://production.test/health', answer(503))
    const pipeline = { ...call.pipeline!, current: async () => Promise.reject(new Error('EACCES')) }
    const found = await told({ ...call, pipeline })
    expect(found.not_checked?.[1]?.[1]).toMatch(
      /^production: .*last put into .* could not be read$/,
    )
    expect(found.health_endpoint?.map(([status]) => status)).toContain('fail')
  })

  it('a host that answers every path with 200 proves nothing', async () => {
    const { call, probe } = world()
    const honest = { ...probe }
    probe.get = async (url, options) =>
      url.includes('/gonogo-doctor-') && url.includes('staging')
        ? answer(200)
        : honest.get(url, options)
    expect((await told(call)).health_proof?.[0]).toEqual([
      'warn',
      expect.stringMatching(/http:\/\/staging\.test answers 200 to a path that cannot exist/),
      expect.any(String),
    ])
  })

  it('components that share an address, and systems that cannot be asked, are told', async () => {
    const { call } = world((project) => {
      const url = 'http://production.test/health'
      production(project).health = { api: url, database: url }
      production(project).version = null
      project.environments[0] = fakeEnvironment('staging', { url: null, health: {}, version: null })
    })
    const found = await told(call)
    expect(found.health_proof?.map(([, text]) => text)).toContain(
      'production: api, database share http://production.test/health: several names, one proof',
    )
    expect(found.version_endpoint?.[0]?.[1]).toContain('drift')
    expect(found.live_url?.[0]?.[1]).toContain('staging has no url')
  })

  it.each([
    ['{}', 'no text at commit'],
    ['{"commit":"zzzzzzzz"}', 'says it runs zzzzzzzz, which the repository does not know'],
  ])('a version endpoint that answers %s is told', async (body, message) => {
    const { call, probe } = world()
    probe.answers.set('http://staging.test/version', answer(200, body))
    expect((await told(call)).version_endpoint?.[0]?.[1]).toContain(message)
  })

  it('another release than the one gonogo deployed is told', async () => {
    const { call, probe, pipeline } = world()
    pipeline.running.set('staging', release('1'))
    probe.answers.set('http://staging.test/version', answer(200, `{"commit":"${'2'.repeat(40)}"}`))
    expect((await told(call)).version_endpoint?.[0]?.[1]).toContain('gonogo last put v1 there')
  })

  it('are left alone with --offline, and that is said', async () => {
    const { call, probe } = world()
    expect((await told(call, { offline: true })).live_offline?.[0]?.[1]).toContain('not asked')
    expect(probe.asked).toEqual([])
  })
})

describe('smoke tests', () => {
  it('that nothing runs, or that cannot run, are told', async () => {
    const { call } = world((project) => {
      production(project).verify = 'off'
      const login = { ...smokeStep('log in'), capture: { token: 'token', id: 'id' } }
      const use = { ...smokeStep('use'), path: '/x/{{token}}', headers: { a: '{{env.MISSING}}' } }
      project.smoke = smokeSuites({ basic: [login, use], full: [smokeStep('more')] })
    })
    const found = await told(call)
    expect(found.smoke_unused?.map(([status, text]) => [status, text.slice(0, 27)])).toEqual([
      ['warn', 'production: verify is off, '],
      ['note', 'the 1 test(s) of smoke.full'],
    ])
    expect(found.smoke_capture?.map(([, text]) => text)).toEqual([
      'smoke test log in captures id, which no later test inserts',
    ])
    expect(found.smoke_variable?.map(([status]) => status)).toEqual(['fail', 'fail'])
  })

  it('that sign in are advised to do so as somebody who may do little', async () => {
    const body = { user: 'x', password: '{{env.LOGIN_PASSWORD}}' }
    const login = smokeStep('log in', { method: 'POST', body, path: '/{{env.PLACE}}' })
    const { call } = world((project) => {
      project.smoke = smokeSuites({ setup: [login], basic: [smokeStep('home')] })
    })
    const [[status, text] = []] = (await told(call)).smoke_user ?? []
    expect(status).toBe('note')
    expect(text).toContain('sign in with LOGIN_PASSWORD: gonogo does not look at what')
    expect((await told(world(() => undefined).call)).smoke_user).toBeUndefined()
  })

  it('that do not exist are told', async () => {
    const { call } = world((project) => void (project.smoke = smokeSuites()))
    expect((await told(call)).smoke_suite?.[0]?.[1]).toContain('no smoke tests are configured')
  })
})

/** An answer that tells the time of `seconds` ago. */
const dated = (seconds: number, now: number) => ({
  ...(answer(200) as Extract<ReturnType<typeof answer>, { reached: true }>),
  date: new Date(now - seconds * 1000).toUTCString(),
})

describe('the clock', () => {
  it.each([
    [2, 'ok', 'within 2 s'],
    [90, 'warn', '90 s ahead of the live systems'],
    [-90, 'warn', '90 s behind the live systems'],
  ])('that differs by %d s is %s', async (seconds, status, message) => {
    const { call, probe } = world()
    const now = call.runtime.now()
    for (const name of ['staging', 'production'])
      probe.answers.set(`http://${name}.test/health`, dated(seconds, now))
    const found = await told(call)
    expect(found.clock_skew).toEqual([
      [status, expect.stringContaining(message), status === 'ok' ? null : expect.any(String)],
    ])
  })

  it('that was set back is told by records from the future', async () => {
    const made = world()
    await put(made, {
      created_at: made.call.runtime.now() + 3_600_000,
      status: 'success',
      phase: 'ended',
    })
    const found = await told(made.call)
    expect(found.clock_future?.[0]?.slice(0, 2)).toEqual([
      'fail',
      expect.stringContaining('dep_1 is from the future'),
    ])
    expect(bad(found)).toHaveLength(1)
  })
})
