import { placeOf, type Evidence, type Facts } from '../survey/facts.ts'
import type { Decisions } from './decide.ts'

/** One thing that was found, and what it rests on. */
export interface FoundRow {
  what: string
  value: string
  /** `path:line` or where else it was read; null when it is a habit and nothing was read. */
  evidence: string | null
  /** False for a guess. */
  sure: boolean
}

/** Something only a person can fill in. */
export interface MissingRow {
  what: string
  how: string
}

export interface Summary {
  found: FoundRow[]
  missing: MissingRow[]
}

/** What the file rests on and what it still wants, for the table at the end. */
export function summarize(facts: Facts, decisions: Decisions): Summary {
  return {
    found: [
      ...aboutProject(facts, decisions),
      ...many(
        'packages',
        facts.stacks.map(({ manager, directory, evidence }) => [
          directory === '.' ? manager : `${manager} in ${directory}`,
          evidence,
        ]),
        true,
      ),
      ...aboutTests(decisions),
      ...aboutEnvironments(decisions),
      ...aboutHealth(facts, decisions),
      ...many('deployment', deployWords(facts)),
      ...many(
        'migrations',
        facts.migrations.map(({ framework, directory, evidence }) => [
          `${framework} in ${directory}`,
          evidence,
        ]),
      ),
      ...many(
        'image',
        facts.images.map(({ name, evidence }) => [name, evidence]),
      ),
      ...many(
        'hosting',
        facts.platforms.map(({ name, evidence }) => [name, evidence]),
      ),
    ],
    missing: [
      ...missingIn(facts, decisions),
      ...facts.limits.map((what) => ({ what, how: 'look at what was left out yourself' })),
    ],
  }
}

function row(
  what: string,
  value: string,
  evidence: Evidence | string | null,
  sure = false,
): FoundRow {
  const text = evidence !== null && typeof evidence !== 'string' ? placeOf(evidence) : evidence
  return { what, value, evidence: text, sure }
}

function many(
  what: string,
  found: readonly (readonly [string, Evidence])[],
  sure = false,
): FoundRow[] {
  return found.slice(0, 4).map(([value, evidence]) => row(what, value, evidence, sure))
}

function deployWords({ deploys }: Facts): [string, Evidence][] {
  return deploys.map(({ workflow, kind, evidence }) => [`${workflow} (${kind})`, evidence])
}

function aboutProject({ git }: Facts, { project, branch }: Decisions): FoundRow[] {
  const rows = [
    row('project', project.value, project.sure ? 'git remote' : 'directory', project.sure),
  ]
  if (git.remote) rows.push(row('remote', git.remote.url, 'git remote', true))
  if (branch) {
    rows.push(
      row(
        'default branch',
        branch.value,
        branch.sure ? "remote's HEAD" : 'checked out',
        branch.sure,
      ),
    )
  }
  return rows
}

function aboutTests({ tests }: Decisions): FoundRow[] {
  return tests.groups.flatMap(({ commands }) =>
    commands
      .filter(({ kind }) => kind === 'test')
      .map(({ argv, directory, evidence }) => {
        const where = directory === '.' ? '' : ` in ${directory}`
        return row('tests', `${argv.join(' ')}${where}`, evidence)
      }),
  )
}

function aboutEnvironments({ environments }: Decisions): FoundRow[] {
  return environments.flatMap(({ name, evidence, url }) => [
    row('environment', name, evidence),
    ...(url === null
      ? []
      : [row(`url of ${name}`, url.value, url.sure ? 'answered' : url.evidence, url.sure)]),
  ])
}

function aboutHealth({ version }: Facts, { health }: Decisions): FoundRow[] {
  const rows = health.map(({ component, path, evidence }) =>
    row(`health of ${component}`, path, evidence),
  )
  const found = version[0]
  return found ? [...rows, row('version path', found.path, found.evidence)] : rows
}

function noRepository({ silent }: Facts['git']): MissingRow {
  if (silent) return { what: 'what git knows', how: 'git status: it does not answer here' }
  return { what: 'a git repository', how: 'git init: releases are commits' }
}

function missingIn(facts: Facts, { environments, health, tests, branch }: Decisions): MissingRow[] {
  const urls = environments
    .filter(({ url }) => url === null)
    .map(({ name }) => ({ what: `url of ${name}`, how: `environments.${name}.url` }))
  const rows: (MissingRow | false)[] = [
    facts.git.root === null && noRepository(facts.git),
    facts.git.root !== null && branch === null && { what: 'default branch', how: 'default_branch' },
    !tests.some && { what: 'test commands', how: 'tests: without them no commit is valid' },
    health.length === 0 && { what: 'a health path', how: 'environments.*.health and smoke' },
    { what: 'where the live system says its version', how: 'environments.*.version' },
  ]
  return [...urls, ...rows.filter((found) => found !== false)]
}
