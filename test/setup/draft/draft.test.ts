import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadProject } from '../../../src/config/load.ts'
import type { Project } from '../../../src/core/project.ts'
import { decide, type Answers, type Decisions } from '../../../src/setup/draft/decide.ts'
import { draftConfig } from '../../../src/setup/draft/draft.ts'
import { summarize } from '../../../src/setup/draft/summary.ts'
import type { Facts } from '../../../src/setup/survey/facts.ts'
import { directoryOf, surveyOf, workflow, type Files } from '../survey/tree.ts'

const nothing: Answers = { urls: {} }

function draft(facts: Facts, answers = nothing, pipeline: Decisions['pipeline'] = null): string {
  return draftConfig(facts, decide(facts, answers, pipeline))
}

/** The effective configuration of a text, by the real loader; it throws on anything that is wrong. */
async function loaded(text: string): Promise<Project> {
  const directory = directoryOf({})
  writeFileSync(join(directory, 'gonogo.yaml'), text)
  return (await loadProject({ cwd: directory, env: { HOME: directory } })).project
}

const shop: Files = {
  'package.json': '{"scripts":{"build":"tsc"}}',
  'package-lock.json': '',
  'server.js': 'app.get("/healthz", ok)\napp.get("/health/redis", ok)\napp.get("/version", v)\n',
  'compose.yaml': 'services:\n  db: { image: postgres }\n',
  '.env.example': 'SECRET_KEY=hunter2\nno=1\n',
  'prisma/migrations/1_init/migration.sql': '',
  '.github/workflows/ci.yml': workflow('- run: npm ci\n- run: npm test\n  working-directory: .\n'),
  '.github/workflows/deploy.yml':
    'name: Ship\non: push\njobs:\n  it: { environment: { name: stage, url: "https://stage.acme.dev" }, steps: [{ run: kamal deploy }] }\n',
}

it('writes what was found, with the place it was found at', async () => {
  const text = draft(await surveyOf(shop))
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=gonogo.schema.json')
  const project = await loaded(text)
  expect(project.approvals.mode).toBe('strict')
  expect(project.pipeline).toBe(null)
  expect(project.tests.map(({ run }) => run)).toEqual([
    ['npm', 'ci'],
    ['npm', 'test'],
  ])
  expect(project.smoke.basic).toMatchObject([{ path: '/healthz', expect: { status: 200 } }])
  expect(project.environments).toMatchObject([
    {
      name: 'stage',
      url: 'https://stage.acme.dev',
      health: {
        api: 'https://stage.acme.dev/healthz',
        redis: 'https://stage.acme.dev/health/redis',
      },
      approval: 'none',
    },
    { name: 'production', url: null, health: {}, approval: 'required' },
  ])
  for (const line of [
    '  - { name: npm test, run: [npm, test] } # .github/workflows/ci.yml:8',
    '    url: https://stage.acme.dev # guess: from .github/workflows/deploy.yml:4',
    '      api: /healthz # guess: from server.js:1',
    '    # version: { path: /version, json_path: commit }',
    '# - .github/workflows/deploy.yml deploys ("Ship", on push)',
    '# - migrations: Prisma in prisma/migrations',
    '    # database: "db" (compose.yaml:2) belongs to it; add a path when one proves its health',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect(text).not.toContain('hunter2')
})

/** A job that deploys. */
function job(name: string): string {
  return `{ runs-on: x, environment: ${name}, steps: [{ run: kamal deploy }] }`
}

it('takes the workflow that can be started when asked for GitHub, and the names it uses there', async () => {
  const files = {
    '.github/workflows/deploy.yml': `on: push\njobs:\n  it: ${job('staging')}\n`,
    '.github/workflows/ship.yaml': `on: [push, workflow_dispatch]\njobs:\n  a: ${job('Staging')}\n  b: ${job('Production')}\n`,
  }
  const { pipeline, github, environments } = await loaded(
    draft(await surveyOf(files), nothing, 'github'),
  )
  expect([pipeline, github?.workflow]).toEqual(['github', 'ship.yaml'])
  expect(environments.map(({ name, github: target }) => [name, target.environment])).toEqual([
    ['staging', 'staging'],
    ['production', 'Production'],
  ])
})

it('takes the workflow that comes with gonogo where none can be started', async () => {
  const { github, environments } = await loaded(draft(await surveyOf(shop), nothing, 'github'))
  expect(github?.workflow).toBe('cd.yml')
  expect(environments.map(({ local }) => local)).toEqual([null, null])
})

it('takes the local pipeline when asked, with steps of the stack', async () => {
  const text = draft(await surveyOf(shop), nothing, 'local')
  const { pipeline, environments } = await loaded(text)
  expect(pipeline).toBe('local')
  const [stage, production] = environments
  expect(stage!.local!.prepare.map(({ run }) => run.join(' '))).toEqual([
    'npm ci',
    'npm run build',
    'npx prisma migrate deploy',
  ])
  // Nobody can ask production yet, so no smoke test may decide about it.
  expect([stage!.verify, production!.verify]).toEqual(['basic', 'off'])
  expect(stage!.local!.directory).not.toBe(production!.local!.directory)
})

it('builds with compose where the repository builds its images there', async () => {
  const facts = await surveyOf({
    'docker-compose.yml': 'services:\n  web: { build: . }\n',
    Dockerfile: '',
  })
  const { environments } = await loaded(draft(facts, nothing, 'local'))
  const { prepare, activate } = environments[1]!.local!
  expect([prepare[0]!.run.at(-1), activate[0]!.run.slice(-2)]).toEqual([
    'build',
    ['up', '--detach'],
  ])
})

it('is ready to be uncommented', async () => {
  const text = draft(
    await surveyOf({ ...shop, '.github/workflows/deploy.yml': '' }),
    nothing,
    'local',
  )
  const key =
    /^( *)# ((?:url|health|smoke|version|activate|env_file|variables|default_branch):.*|  +.*)$/
  const whole = text
    .split('\n')
    .map((line) => line.replace(key, '$1$2').replace('www.example', 'production.example'))
    .join('\n')
  const project = await loaded(whole)
  expect(project.smoke.basic).toHaveLength(1)
  expect(project.environments[1]).toMatchObject({
    url: 'https://production.example.com',
    health: { api: 'https://production.example.com/healthz' },
    version: { json_path: 'commit' },
    variables: { SECRET_KEY: {}, no: {} },
    local: { activate: [{ name: 'restart' }] },
  })
})

it('takes answers before guesses and marks only the guesses', async () => {
  const facts = await surveyOf(shop)
  const answers = { urls: { stage: 'https://a.acme.dev/', production: 'https://b.acme.dev' } }
  const text = draft(facts, answers)
  expect(text).toContain('    url: https://a.acme.dev\n')
  const { environments } = await loaded(text)
  expect(environments.map(({ url }) => url)).toEqual(['https://a.acme.dev', 'https://b.acme.dev'])
})

it('takes no URL that a template left to be filled in', async () => {
  const kamal = 'service: shop\nproxy: { ssl: true, host: app.example.com }\n'
  const { environments } = await loaded(draft(await surveyOf({ 'config/deploy.yml': kamal })))
  expect(environments.map(({ url }) => url)).toEqual([null, null])
})

it('says what is missing in an empty directory', async () => {
  const facts = await surveyOf({})
  const project = await loaded(draft(facts))
  expect(project.tests).toEqual([])
  const { found, missing } = summarize(facts, decide(facts))
  expect(found.every(({ sure, what }) => !sure && ['project', 'environment'].includes(what))).toBe(
    true,
  )
  expect(missing.map(({ what }) => what)).toEqual([
    'url of staging',
    'url of production',
    'a git repository',
    'test commands',
    'a health path',
    'where the live system says its version',
  ])
})

const odd = [
  'a\nb: c',
  '# x',
  'a: b',
  'a #b',
  '- [x] {y}, *z &w !t | > %p @q `r',
  'it\'s "quoted"',
  '\u2028evil: true\u2029',
  '\u0085next',
  '\u202egnp.exe',
  '🚀\ud800',
  '',
  ' ',
  'null',
  'yes',
  '0x10',
  '1e3',
  '~',
  '<<',
  '---',
  '...',
  '\t\u0000\u0007',
  '{{env.SECRET}}',
  '${{ secrets.X }}',
  '__proto__',
  'x'.repeat(5000),
]

/** Facts in which one odd text stands everywhere a repository can put one. */
function oddFacts(text: string): Facts {
  const evidence = { path: text, line: 3 }
  const named = { name: text, evidence }
  const command = { argv: [text || 'x', text], directory: 'web', evidence, kind: 'test' as const }
  return {
    directoryName: text,
    toRoot: '..',
    git: {
      root: '/x',
      silent: false,
      remote: { url: text, repository: `acme/${text}` },
      branch: text === '' ? null : { name: text, sure: true },
      email: text,
    },
    stacks: [
      {
        manager: text,
        ecosystem: 'go',
        directory: '.',
        evidence,
        install: [text || 'x'],
        build: ['b', text],
      },
    ],
    tests: (['workflow', 'manifest'] as const).map((from, index) => ({
      from,
      label: text,
      evidence,
      commands: [{ ...command, argv: [...command.argv, String(index)] }],
      leftOut: [{ text, evidence, why: text }],
      services: [text],
      variables: [text],
      inContainer: true,
    })),
    deploys: [{ workflow: text, evidence, triggers: [text], kind: 'deploys' }],
    environments: [
      { ...named, url: text },
      { name: 'Production', url: `https://a.acme.dev/${text}`, evidence },
      { name: 'staging', url: 'https://a.acme.dev/', evidence },
    ],
    migrations: [{ framework: text, directory: text, evidence, command: [text || 'x'] }],
    dockerfiles: [named],
    images: [named],
    platforms: [named],
    health: [
      { path: '/healthz', component: 'api', evidence, rank: 0, doubt: null },
      { path: '/up', component: 'api', evidence, rank: 9, doubt: text },
    ],
    probes: [evidence],
    version: [{ path: '/version', evidence }],
    services: [{ kind: 'redis', label: text, evidence }],
    compose: text.length % 2 === 0 ? [named] : [],
    release: null,
    variables: [{ names: ['OK', 'null', 'yes'], evidence }],
    limits: [text],
  }
}

it.each(odd)('stays valid and says the same for %j', async (text) => {
  const written = draft(oddFacts(text), nothing, 'local')
  const project = await loaded(written)
  expect(project.tests.map(({ run }) => run[1])).toEqual([text, text])
  expect(project.environments.map(({ name }) => name)).toEqual(['staging', 'production'])
  expect(Object.keys(parse(written) as object)).not.toContain('evil')
})

it('stays valid when every odd text comes at once', async () => {
  const many = odd.map(oddFacts)
  const facts = {
    ...many[0]!,
    tests: many.flatMap(({ tests }) => tests),
    health: many.flatMap(({ health }) => health),
  }
  expect((await loaded(draft(facts))).tests.length).toBeGreaterThan(20)
})
