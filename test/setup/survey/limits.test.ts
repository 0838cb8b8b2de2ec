import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { decide } from '../../../src/setup/draft/decide.ts'
import { draftConfig } from '../../../src/setup/draft/draft.ts'
import { summarize } from '../../../src/setup/draft/summary.ts'
import { kindOf } from '../../../src/setup/survey/kind.ts'
import { remoteOf } from '../../../src/setup/survey/git.ts'
import { readScript } from '../../../src/setup/survey/shell.ts'
import { survey } from '../../../src/setup/survey/survey.ts'
import { readTree } from '../../../src/setup/survey/tree.ts'
import { commandsOf, directoryOf, processes, surveyOf, workflow } from './tree.ts'

it('follows no link, waits for no pipe, and reads nothing huge or binary', async () => {
  const outside = directoryOf({ 'secret.txt': 'hunter2', 'package.json': '{}' })
  const root = directoryOf({ 'a/b.txt': 'text', 'node_modules/x/y.js': '', 'binary.py': 'a\0b' })
  symlinkSync(join(outside, 'secret.txt'), join(root, 'link.txt'))
  symlinkSync(outside, join(root, 'linked'))
  symlinkSync(root, join(root, 'a/loop'))
  execFileSync('mkfifo', [join(root, 'pipe')])
  writeFileSync(join(root, 'huge.txt'), Buffer.alloc(300 * 1024, 'x'))
  const tree = await readTree(root)
  expect(tree.files).toEqual(['binary.py', 'huge.txt', 'a/b.txt'])
  const read = await Promise.all(
    ['binary.py', 'huge.txt', 'a/b.txt', 'link.txt', '../x'].map((path) => tree.read(path)),
  )
  expect(read).toEqual([null, null, 'text', null, null])
})

it('stops at its limits and says so', async () => {
  const root = directoryOf({ 'a/b/c/deep.txt': 'x', 'one.txt': 'xxxx', 'two.txt': 'yy' })
  const limits = { depth: 1, files: 2, fileBytes: 10, totalBytes: 3 }
  const few = await readTree(root, limits)
  expect(few.files).toEqual(['one.txt', 'two.txt'])
  expect([await few.read('one.txt'), await few.read('two.txt')]).toEqual(['xxxx', null])
  expect(few.limits()).toEqual([
    'only the first 2 files were looked at',
    'only the first 3 bytes were read',
  ])
  const shallow = await readTree(root, { ...limits, files: 9 })
  expect(shallow.limits()).toEqual(['directories more than 1 deep were not read'])
})

it('tells of a workflow that it cannot read: what it deploys is not known', async () => {
  const facts = await surveyOf({
    '.github/workflows/deploy.yml': 'jobs: [a: {]\n',
    '.github/workflows/empty.yml': '\n',
  })
  expect(facts.limits).toEqual(['.github/workflows/deploy.yml could not be read'])
  const text = draftConfig(facts, decide(facts))
  expect(text).toContain('# - .github/workflows/deploy.yml could not be read\n')
})

it('survives hostile files in reasonable time', async () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./g, (name) => {
    const before = String.fromCharCode(name.charCodeAt(0) - 1)
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]\n`
  })}`
  const started = performance.now()
  const facts = await surveyOf({
    'docker-compose.yml': bomb,
    '.github/workflows/deep.yml': '['.repeat(50_000),
    '.github/workflows/dashes.yml': '- '.repeat(50_000),
    'render.yaml': '{a: '.repeat(50_000),
    '.github/workflows/flags.yml': workflow(`- run: pnpm ${'-F '.repeat(1500)}x`),
    '.github/workflows/lines.yml': workflow(`- run: |\n    ${'npm test \\\n    '.repeat(500)}`),
    '.github/workflows/list.yml': 'jobs: [1, 2]\non: 7\n',
    'package.json': '{"scripts": 7}',
    'package-lock.json': '',
    'fly.toml': 'app = [[[',
    'src/long.ts': `app.get("${'/health'.repeat(20_000)}")`,
  })
  expect(facts.environments).toEqual([])
  expect(performance.now() - started).toBeLessThan(2000)
})

it.each([
  ['pytest -k "a b" --maxfail=2', [['pytest', '-k', 'a b', '--maxfail=2']]],
  ["npm test -- 'a b'c", [['npm', 'test', '--', 'a bc']]],
  ['a && b c', [['a'], ['b', 'c']]],
  ['A=1 B=x y', [['env', 'A=1', 'B=x', 'y']]],
  ['a \\\n  --b', [['a', '--b']]],
  ['go test ./... # all', null],
  ['a | b', null],
  ['a; b', null],
  ['a > out', null],
  ['a $HOME', null],
  ['a "$(b)"', null],
  ['a `b`', null],
  ['a *.js', null],
  ['a ~/b', null],
  ['cd .. && a', null],
  ['cd /etc && a', null],
  ['a && ', null],
  ['a "open', null],
  ['DB_PASSWORD=x a', null],
  ['a \u202e b', null],
])('takes %j apart only when that needs no shell', (script, expected) => {
  const lines = readScript(script, '.')
  expect(lines[0]!.commands?.map(({ argv }) => argv) ?? null).toEqual(expected)
})

it('keeps the directory a script changes to, and gives up when it is lost', () => {
  const lines = readScript('cd web\nnpm test\ncd "$X"\nnpm test\n', '.')
  expect(lines.map(({ commands }) => commands?.map(({ directory }) => directory) ?? null)).toEqual([
    [],
    ['web'],
    null,
    null,
  ])
})

it.each([
  ['npm ci', 'install'],
  ['pnpm -r --filter @a/b test', 'test'],
  ['yarn workspace web test:unit', 'test'],
  ['npx playwright install', 'machine'],
  ['npm run test:e2e', 'end to end'],
  ['uv run --frozen pytest', 'test'],
  ['bundle exec rspec', 'test'],
  ['bin/rails db:drop', 'other'],
  ['./gradlew :app:check', 'test'],
  ['./mvnw -DskipTests package', 'other'],
  ['cargo clippy', 'lint'],
  ['make test', 'test'],
  ['docker compose up', 'machine'],
])('knows that %j is for: %s', (words, kind) => {
  expect(kindOf(words.split(' ')).kind).toBe(kind)
})

it.each([
  ['https://ada:hunter2@github.com/acme/shop.git', 'github.com/acme/shop', 'acme/shop'],
  ['git@github.com:acme/shop.git', 'github.com/acme/shop', 'acme/shop'],
  ['ssh://git@git.acme.dev:2222/a/b/c.git', 'git.acme.dev:2222/a/b/c', null],
  ['/srv/git/shop.git', null, null],
])('reads the remote %s without what is secret in it', (url, shown, repository) => {
  const remote = remoteOf(url)
  expect(remote).toEqual(shown === null ? null : { url: shown, repository })
})

it('asks git for remote and branch, from a directory below the root too', async () => {
  const root = directoryOf({
    'web/package.json': '{"scripts":{"test":"vitest"}}',
    'web/package-lock.json': '',
  })
  const git = (...args: string[]) => processes.run(['git', ...args], { cwd: root })
  await git('init', '--quiet', '--initial-branch=work')
  await git('remote', 'add', 'origin', 'https://x:hunter2@github.com/acme/shop.git')
  await git('config', 'user.email', 'ada@acme.dev')
  const before = await survey(root, processes)
  expect(before.git.branch).toEqual({ name: 'work', sure: false })
  await git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk')
  mkdirSync(join(root, 'sub'))
  const facts = await survey(join(root, 'sub'), processes)
  expect(facts.git).toMatchObject({
    remote: { url: 'github.com/acme/shop', repository: 'acme/shop' },
    branch: { name: 'trunk', sure: true },
    email: 'ada@acme.dev',
  })
  expect(facts.toRoot).toBe('..')
  expect(commandsOf(facts)).toEqual(['web$ npm ci', 'web$ npm test'])
})

it('does with less where there is no repository and no git', async () => {
  const root = directoryOf({ 'a.txt': '' })
  expect((await survey(root, processes)).git).toEqual({
    root: null,
    silent: false,
    remote: null,
    branch: null,
    email: null,
  })
  const missing = {
    run: () => Promise.reject(Object.assign(new Error('no'), { code: 'missing_program' })),
  }
  mkdirSync(join(root, '.git'))
  const facts = await survey(root, missing)
  expect(facts.git).toMatchObject({ root: null, silent: true })
  const how = summarize(facts, decide(facts)).missing.map((row) => row.how)
  expect(how).toContain('git status: it does not answer here')
})
