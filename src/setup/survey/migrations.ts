import { dirname } from 'node:path/posix'
import type { Migrations } from './facts.ts'
import { isAside, type Tree } from './tree.ts'

type Rule = readonly [
  framework: string,
  file: RegExp,
  command: string[] | null,
  proof?: (tree: Tree, directory: string) => boolean,
]

const inTree = (path: RegExp) => (tree: Tree) => tree.files.some((file) => path.test(file))

/** The first group is the directory. Earlier rules are the more special ones. */
const rules: readonly Rule[] = [
  [
    'Prisma',
    /^(.*\bprisma\/migrations)\/[^/]+\/migration\.sql$/,
    ['npx', 'prisma', 'migrate', 'deploy'],
  ],
  ['Rails', /^(.*\bdb\/migrate)\/\d+_\w+\.rb$/, ['bin/rails', 'db:migrate']],
  ['Ecto', /^(.*\bpriv\/\w+\/migrations)\/\d+_\w+\.exs$/, ['mix', 'ecto.migrate']],
  [
    'Laravel',
    /^(.*\bdatabase\/migrations)\/[\d_]+\w+\.php$/,
    ['php', 'artisan', 'migrate', '--force'],
  ],
  ['Django', /^(.*\/migrations)\/0001_\w+\.py$/, ['python', 'manage.py', 'migrate', '--noinput']],
  [
    'Alembic',
    /^(.+)\/versions\/\w+\.py$/,
    ['alembic', 'upgrade', 'head'],
    (tree, directory) => tree.has(`${directory}/env.py`),
  ],
  ['Diesel', /^(.*\bmigrations)\/[^/]+\/up\.sql$/, ['diesel', 'migration', 'run']],
  ['Flyway', /^(.*\bmigrations?)\/(?:[^/]+\/)*V\d[\w.]*__\w+\.(?:sql|java)$/, null],
  ['Entity Framework', /^(.*\bMigrations)\/\w*ModelSnapshot\.cs$/, null],
  [
    'Knex',
    /^(.*\bmigrations)\/\d{8,}\w*\.[cm]?[jt]s$/,
    ['npx', 'knex', 'migrate:latest'],
    inTree(/(?:^|\/)knexfile\.[cm]?[jt]s$/),
  ],
  ['golang-migrate', /^(.*\bmigrations?)\/\w+\.up\.sql$/, null],
  ['SQL files', /^(.*\bmigrations?)\/(?:[^/]+\/)*[^/]+\.sql$/, null],
]

/** Folders of migrations; a folder belongs to the first framework that claims it. */
export async function readMigrations(tree: Tree): Promise<Migrations[]> {
  const found = new Map<string, Migrations>()
  for (const [framework, file, command, proof] of rules) {
    for (const path of tree.files) {
      const directory = file.exec(path)?.[1]
      if (directory === undefined || isAside(path) || found.has(directory)) continue
      if (proof && !proof(tree, directory)) continue
      if (
        framework === 'SQL files' &&
        [...found.keys()].some((known) => directory.startsWith(known))
      )
        continue
      found.set(directory, {
        framework,
        directory,
        command,
        evidence: { path: directory, line: null },
      })
    }
  }
  return await refined(tree, [...found.values()])
}

/** Tools that keep plain SQL say so in the file itself, or in the manifest. */
async function refined(tree: Tree, migrations: Migrations[]): Promise<Migrations[]> {
  const plain = migrations.find(({ framework }) => framework === 'SQL files')
  if (!plain) return migrations
  const sample = tree.files.find(
    (path) => path.startsWith(`${plain.directory}/`) && path.endsWith('.sql'),
  )
  const text = (await tree.read(sample ?? '')) ?? ''
  const cargo = (await tree.read('Cargo.toml')) ?? ''
  if (/^-- *\+goose Up/m.test(text)) plain.framework = 'goose'
  else if (/\bsqlx\b/.test(cargo) && dirname(plain.directory) === '.') {
    plain.framework = 'sqlx'
    plain.command = ['sqlx', 'migrate', 'run']
  }
  return migrations
}
