import { join } from 'node:path/posix'
import type { Command, Ecosystem, Evidence, Stack, TestGroup } from './facts.ts'
import { scriptOf } from './stacks.ts'
import { lineOfMatch } from './structured.ts'
import type { Tree } from './tree.ts'

interface Found {
  argv: string[]
  evidence: Evidence
}

type Reader = (tree: Tree, stack: Stack) => Promise<Found | null>

/** Tests that follow from a manifest, for ecosystems that no workflow tests. */
export async function manifestTests(
  tree: Tree,
  stacks: readonly Stack[],
  covered: ReadonlySet<Ecosystem | 'all'>,
): Promise<TestGroup[]> {
  if (covered.has('all')) return []
  const groups: TestGroup[] = []
  const done = new Set<Ecosystem | 'all'>(covered)
  for (const stack of stacks) {
    if (done.has(stack.ecosystem)) continue
    const found = await readers[stack.ecosystem](tree, stack)
    if (!found) continue
    done.add(stack.ecosystem)
    groups.push(groupOf(stack, found))
  }
  return groups
}

function groupOf(stack: Stack, { argv, evidence }: Found): TestGroup {
  const { directory, install, manager } = stack
  const test: Command = { argv, directory, evidence, kind: 'test' }
  const before: Command[] = install
    ? [{ argv: install, directory, evidence: stack.evidence, kind: 'install' }]
    : []
  const why = 'it changes the machine it runs on'
  const pip = { text: 'pip install what the tests need', evidence: stack.evidence, why }
  return {
    from: 'manifest',
    label: `${manager} in ${directory}`,
    evidence,
    commands: [...before, test],
    leftOut: manager === 'pip' ? [pip] : [],
    services: [],
    variables: [],
    inContainer: false,
  }
}

const readers: Record<Ecosystem, Reader> = {
  javascript: npmScript,
  python: pythonTests,
  ruby: rubyTests,
  go: async (_, { evidence }) => ({ argv: ['go', 'test', './...'], evidence }),
  rust: async (_, { evidence }) => ({ argv: ['cargo', 'test', '--workspace'], evidence }),
  java: javaTests,
  php: phpTests,
  elixir: async (_, { evidence }) => ({ argv: ['mix', 'test'], evidence }),
  dotnet: async (_, { evidence }) => ({
    argv: ['dotnet', 'test', evidence.path.replace(/^.*\//, '')],
    evidence,
  }),
}

// What no workflow runs is not proposed when it empties a database or starts containers.
const unsafe = /migrate:(?:fresh|reset)|db:(?:drop|reset)|migrate reset|--force-reset|\bdocker\b/

async function npmScript(tree: Tree, { directory, manager }: Stack): Promise<Found | null> {
  const path = join(directory, 'package.json')
  const text = (await tree.read(path)) ?? ''
  const script = scriptOf(text, 'test')
  if (script === null || script.includes('no test specified') || unsafe.test(script)) return null
  return {
    argv: [manager, ...(manager === 'bun' ? ['run', 'test'] : ['test'])],
    evidence: { path, line: lineOfMatch(text, /"test"\s*:/) },
  }
}

async function pythonTests(tree: Tree, { directory, manager }: Stack): Promise<Found | null> {
  const run = { uv: ['uv', 'run'], poetry: ['poetry', 'run'], pipenv: ['pipenv', 'run'] }[manager]
  const manage = join(directory, 'manage.py')
  if (tree.has(manage)) {
    const argv = [...(run ?? []), 'python', 'manage.py', 'test']
    return { argv, evidence: { path: manage, line: null } }
  }
  for (const name of ['pyproject.toml', 'pytest.ini', 'setup.cfg', 'requirements-dev.txt']) {
    const path = join(directory, name)
    const line = lineOfMatch((await tree.read(path)) ?? '', /pytest/)
    if (line === null) continue
    return { argv: run ? [...run, 'pytest'] : ['python', '-m', 'pytest'], evidence: { path, line } }
  }
  return null
}

async function rubyTests(tree: Tree, { directory }: Stack): Promise<Found | null> {
  const rails = join(directory, 'bin/rails')
  if (tree.files.some((path) => path.startsWith(join(directory, 'spec/')))) {
    const path = join(directory, 'Gemfile.lock')
    const line = lineOfMatch((await tree.read(path)) ?? '', /rspec/)
    if (line !== null) return { argv: ['bundle', 'exec', 'rspec'], evidence: { path, line } }
  }
  if (!tree.has(rails)) return null
  return { argv: ['bin/rails', 'test'], evidence: { path: rails, line: null } }
}

async function javaTests(tree: Tree, { directory, manager, evidence }: Stack): Promise<Found> {
  const [wrapper, program] = manager === 'maven' ? ['mvnw', 'mvn'] : ['gradlew', 'gradle']
  const has = tree.has(join(directory, wrapper))
  return { argv: [has ? `./${wrapper}` : program, 'test'], evidence }
}

async function phpTests(tree: Tree, { directory }: Stack): Promise<Found | null> {
  const names = ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml']
  const path = names.map((name) => join(directory, name)).find((file) => tree.has(file))
  if (path === undefined) return null
  const evidence = { path, line: null }
  if (tree.has(join(directory, 'artisan'))) return { argv: ['php', 'artisan', 'test'], evidence }
  return { argv: ['vendor/bin/phpunit'], evidence }
}
