/**
 * What reading a history of migrations costs: 120 and 1,200 revisions of Alembic and as many numbered SQL
 * files, each in a repository of 6,000 other files, as a multiple of reading the same files with git and
 * doing nothing with them. Taken in turns in one run; the median is what is printed. The first reading,
 * which loads the parsers, is printed apart. Nothing is asserted. Runs from the sources:
 * `node bench/migrations.ts`.
 */
import { createMigrations } from '../src/adapters/migrations/migrations.ts'
import { createGitSource } from '../src/adapters/git/source.ts'
import { createProcesses } from '../src/adapters/process/processes.ts'
import { gitEnvironment, makeRepository } from '../test/support/repository.ts'

const rounds = Number(process.argv[2] ?? 9)
const processes = createProcesses()

console.log(`migrations, node ${process.versions.node}, median of ${rounds} rounds`)
for (const count of [120, 1200]) {
  await measure(`${count} revisions of Alembic`, alembic(count))
  await measure(`${count} files of SQL`, sql(count))
}

async function measure(name: string, history: Record<string, string>): Promise<void> {
  const repository = await makeRepository()
  try {
    const sha = await repository.commit({ ...others(6000), ...history })
    const { directory } = repository
    const settings = { repository: directory, defaultBranch: null, env: gitEnvironment }
    const source = createGitSource({ ...settings, processes })
    const migrations = createMigrations({ source, processes })
    const read = async () => {
      const sets = await migrations.read(sha, { paths: [], framework: null })
      const found = sets.flatMap((set) => set.migrations)
      if (found.length !== Object.keys(history).length) throw new Error(`found ${found.length}`)
      if (found.some(({ operations }) => operations.length !== 2)) throw new Error('read wrongly')
    }
    const floor = async () => {
      await source.paths(sha)
      let bytes = 0
      for await (const { path, content } of source.files(sha, (one) => one in history)) {
        bytes += path.length + (content?.length ?? 0)
      }
      if (bytes === 0) throw new Error('nothing was read')
    }
    const first = await timed(read)
    const [ours, least]: number[][] = [[], []]
    for (let round = 0; round < rounds; round++) {
      least!.push(await timed(floor))
      ours!.push(await timed(read))
    }
    const [usual, bare] = [median(ours!), median(least!)]
    const told = [`${usual.toFixed(0)} ms`, `${(usual / bare).toFixed(1)} times git alone`]
    console.log(`  ${name.padEnd(30)} ${told.join(', ')}; the first time ${first.toFixed(0)} ms`)
  } finally {
    await repository.remove()
  }
}

async function timed(act: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await act()
  return performance.now() - start
}

function median(times: number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)]!
}

function others(count: number): Record<string, string> {
  const paths = Array.from({ length: count }, (_, at) => `src/part${at % 60}/module${at}.py`)
  return Object.fromEntries(paths.map((path) => [path, `name = "${path}"\n`.repeat(20)]))
}

function revisionText(at: number): string {
  return `"""Change number ${at}."""
from alembic import op
import sqlalchemy as sa

revision = "r${at}"
down_revision = ${at === 0 ? 'None' : `"r${at - 1}"`}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visits${at}",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(length=50), nullable=False, server_default=""),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.ForeignKeyConstraint(["id"], ["users.id"], ondelete="CASCADE"),
    )
    op.execute("""
        UPDATE users
        SET visits = (SELECT count(*) FROM visits${at})
        WHERE id > ${at}
    """)


def downgrade() -> None:
    op.drop_table("visits${at}")
`
}

function alembic(count: number): Record<string, string> {
  const files = Array.from({ length: count }, (_, at) => [
    `alembic/versions/r${at}.py`,
    revisionText(at),
  ])
  return Object.fromEntries(files) as Record<string, string>
}

function sqlText(at: number): string {
  return `CREATE TABLE visits${at} (
  id bigint PRIMARY KEY,
  title text NOT NULL DEFAULT ''
);
UPDATE users SET visits = ${at} WHERE id > ${at};
`
}

function sql(count: number): Record<string, string> {
  const files = Array.from({ length: count }, (_, at) => [
    `db/migrations/${at + 1}_x.sql`,
    sqlText(at),
  ])
  return Object.fromEntries(files) as Record<string, string>
}
