import { readAlembic } from '../../../src/adapters/migrations/alembic.ts'
import { readDjango } from '../../../src/adapters/migrations/django.ts'
import type { Migration, MigrationOperation } from '../../../src/core/migration.ts'

/** A revision of Alembic: what stands in front of `upgrade()`, its body, and what stands behind it. */
export function revision(body: string, before = '', after = ''): string {
  return `"""a change"""
from alembic import context, op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from app.models import Visit, fill
import app.types

revision = "b2"
down_revision = "a1"
${before}

def upgrade() -> None:
${indent(body)}


def downgrade() -> None:
    op.drop_table("everything")
${after}`
}

/** The line of a revision that the body of \`upgrade()\` begins in, when nothing stands in front of it. */
export const firstLine = 13

function indent(body: string): string {
  return body
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')
}

export async function readRevision(text: string): Promise<Migration> {
  const [migration] = await readAlembic([{ path: 'versions/b2.py', text, digest: 'd' }])
  return migration!
}

/** What `upgrade()` with this body comes to. */
export async function upgraded(body: string, before = ''): Promise<MigrationOperation[]> {
  return (await readRevision(revision(body, before))).operations
}

/** One operation in a few words: kind, table, name, facts; `unknown` with its reason. */
export function brief({ kind, table, name, facts }: MigrationOperation): string {
  const { why, ...rest } = facts
  const told = Object.entries(rest).map(([fact, value]) =>
    value === true ? fact : value === false ? `not ${fact}` : `${fact} ${value}`,
  )
  const about = [table, name].filter((part) => part !== null)
  return [[kind, ...about].join(' '), ...told.toSorted(), ...(why === undefined ? [] : [why])].join(
    ', ',
  )
}

/** The migrations of an app \`clinic\`, by the names of their files. */
export async function readApp(files: Record<string, string>): Promise<Map<string, Migration>> {
  const found = Object.entries(files).map(([name, text]) => ({
    path: `clinic/migrations/${name}.py`,
    text,
    digest: name,
  }))
  const migrations = await readDjango(found)
  return new Map(migrations.map((migration) => [migration.revision, migration]))
}

/** A file of `migrations/`. */
export function djangoFile(operations: string, parent: string | null = null, before = ''): string {
  const dependencies = parent === null ? '' : `("clinic", "${parent}")`
  return `from django.conf import settings
from django.db import migrations, models
import django.contrib.postgres.operations as pg
import django.db.models.deletion
${before}

class Migration(migrations.Migration):
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ${dependencies}]
    operations = [
${operations}
    ]
`
}
