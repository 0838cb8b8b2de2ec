import { basename, dirname, join } from 'node:path/posix'
import type { Ecosystem, Stack } from './facts.ts'
import { isAside, type Tree } from './tree.ts'

type Rule = readonly [file: RegExp, manager: string, ecosystem: Ecosystem, install: string[] | null]

/** Earlier rules win in a directory that has several files of one ecosystem. */
const rules: readonly Rule[] = [
  [/^pnpm-lock\.yaml$/, 'pnpm', 'javascript', ['pnpm', 'install', '--frozen-lockfile']],
  [/^yarn\.lock$/, 'yarn', 'javascript', ['yarn', 'install', '--frozen-lockfile']],
  [/^bun\.lockb?$/, 'bun', 'javascript', ['bun', 'install', '--frozen-lockfile']],
  [/^(?:package-lock|npm-shrinkwrap)\.json$/, 'npm', 'javascript', ['npm', 'ci']],
  [/^package\.json$/, 'npm', 'javascript', ['npm', 'install']],
  [/^uv\.lock$/, 'uv', 'python', ['uv', 'sync', '--locked']],
  [/^poetry\.lock$/, 'poetry', 'python', ['poetry', 'install']],
  [/^Pipfile\.lock$/, 'pipenv', 'python', ['pipenv', 'sync', '--dev']],
  [/^requirements\.txt$/, 'pip', 'python', null],
  [/^pyproject\.toml$/, 'pip', 'python', null],
  [/^Gemfile\.lock$/, 'bundler', 'ruby', ['bundle', 'install']],
  [/^go\.mod$/, 'go', 'go', null],
  [/^Cargo\.lock$/, 'cargo', 'rust', null],
  [/^pom\.xml$/, 'maven', 'java', null],
  [/^build\.gradle(?:\.kts)?$/, 'gradle', 'java', null],
  [/^composer\.lock$/, 'composer', 'php', ['composer', 'install']],
  [/^mix\.lock$/, 'mix', 'elixir', ['mix', 'deps.get']],
  [/^.+\.slnx?$/, 'dotnet', 'dotnet', null],
]

/** Package managers, the shallowest directories first; one for each ecosystem and directory. */
export async function readStacks(tree: Tree): Promise<Stack[]> {
  const found: Stack[] = []
  for (const [file, manager, ecosystem, install] of rules) {
    for (const path of tree.files) {
      const directory = dirname(path)
      if (!file.test(basename(path)) || isAside(path) || depthOf(directory) > 3) continue
      if (isMemberOf(found, ecosystem, directory)) continue
      const stack = { manager, ecosystem, directory, evidence: { path, line: null } }
      found.push({ ...stack, install: installOf(tree, stack, install), build: null })
    }
  }
  for (const stack of found) stack.build = await buildOf(tree, stack)
  return found.toSorted((left, right) => depthOf(left.directory) - depthOf(right.directory))
}

/** A workspace is locked at its root, and its members have no manager of their own. */
function isMemberOf(found: readonly Stack[], ecosystem: Ecosystem, directory: string): boolean {
  return found.some(
    (stack) =>
      stack.ecosystem === ecosystem &&
      (stack.directory === directory ||
        stack.directory === '.' ||
        directory.startsWith(`${stack.directory}/`)),
  )
}

function depthOf(directory: string): number {
  return directory === '.' ? 0 : directory.split('/').length
}

function installOf(
  tree: Tree,
  { manager, directory }: Pick<Stack, 'manager' | 'directory'>,
  usual: string[] | null,
): string[] | null {
  const isBerry =
    manager === 'yarn' && tree.has(directory === '.' ? '.yarnrc.yml' : `${directory}/.yarnrc.yml`)
  return isBerry ? ['yarn', 'install', '--immutable'] : usual
}

async function buildOf(tree: Tree, stack: Stack): Promise<string[] | null> {
  const { ecosystem, manager, directory } = stack
  if (ecosystem === 'rust') return ['cargo', 'build', '--release']
  if (ecosystem === 'elixir') return ['mix', 'compile']
  if (ecosystem !== 'javascript') return null
  const script = scriptOf((await tree.read(join(directory, 'package.json'))) ?? '', 'build')
  return script === null ? null : [manager, 'run', 'build']
}

/** A script of package.json; null when it has none of that name. */
export function scriptOf(manifest: string, name: string): string | null {
  try {
    const { scripts } = JSON.parse(manifest) as { scripts?: Record<string, unknown> }
    const script = scripts?.[name]
    return typeof script === 'string' ? script : null
  } catch {
    return null
  }
}
