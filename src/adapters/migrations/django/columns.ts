import { addUnknown } from '../python/report.ts'
import { additions, alterations, type Change } from './change-field.ts'
import { fieldOf, type Field } from './fields.ts'
import { joinOf } from './models.ts'
import { add, harmless, text, value, type Act, type Entry } from './operation.ts'
import { fieldAt, keepField, renameIn } from './state.ts'

/** Operations on fields. */
export const columnActs: [string, Act][] = [
  ['AddField', addField],
  ['RemoveField', removeField],
  ['AlterField', alterField],
  ['RenameField', renameField],
]

function addField(entry: Entry): void {
  const [model, name] = [text(entry, 0, 'model_name'), text(entry, 1, 'name')]
  const field = fieldOf(name, value(entry, 2, 'field'))
  keepField(entry.state, model, name, field)
  // Not written as a field: whether the column is filled decides, and nobody can tell.
  if (!field) add(entry, model, 'add_column', { name })
  else if (field.joins) add(entry, model, 'create_table', joinOf(entry, model, name))
  else if (field.column === null) harmless(entry)
  else addAll(entry, model, additions(field))
}

function addAll(entry: Entry, model: string | null, changes: readonly Change[]): void {
  for (const [kind, name, facts] of changes) add(entry, model, kind, { name, facts })
}

function removeField(entry: Entry): void {
  const [model, name] = [text(entry, 0, 'model_name'), text(entry, 1, 'name')]
  const field = fieldAt(entry.state, model, name)
  keepField(entry.state, model, name, null)
  if (field?.joins) add(entry, model, 'drop_table', joinOf(entry, model, name))
  else if (field && field.column === null) harmless(entry)
  else add(entry, model, 'drop_column', { name: field?.column ?? name })
}

function alterField(entry: Entry): void {
  const [model, name] = [text(entry, 0, 'model_name'), text(entry, 1, 'name')]
  const old = fieldAt(entry.state, model, name)
  const field = fieldOf(name, value(entry, 2, 'field'))
  keepField(entry.state, model, name, field)
  if (!old || !field || old.joins !== field.joins || joinsOthers(old, field)) {
    const why = old ? 'what becomes of the field cannot be told' : unknownBefore
    addUnknown(entry.report, entry.call.node, why)
    return
  }
  const changes = field.column === null ? [] : alterations(old, field)
  if (changes.length === 0) harmless(entry)
  else addAll(entry, model, changes)
}

/** The rows of the table between keep the keys of what they pointed to. */
function joinsOthers(old: Field, now: Field): boolean {
  return (
    old.joins &&
    ['to', 'db_table', 'db_constraint'].some((key) => partOf(old, key) !== partOf(now, key))
  )
}

function partOf({ detail }: Field, key: string): string | undefined {
  return detail.split(' ').find((part) => part.startsWith(`${key}=`))
}

const unknownBefore = 'what the field was before cannot be told from the migrations'

function renameField(entry: Entry): void {
  const model = text(entry, 0, 'model_name')
  const [old, now] = [text(entry, 1, 'old_name'), text(entry, 2, 'new_name')]
  const field = fieldAt(entry.state, model, old)
  const fields = entry.state.models.get(model?.toLowerCase() ?? '')?.fields
  if (old !== null && now !== null && fields) renameIn(fields, old, now)
  if (field?.joins) {
    const { table: name } = joinOf(entry, model, now)
    add(entry, model, 'rename_table', { ...joinOf(entry, model, old), name })
  } else if (!field) add(entry, model, 'rename_column', { name: old })
  else renameColumn(entry, { model, old, now, field })
}

/** A column that has a name of its own keeps it. */
function renameColumn(
  entry: Entry,
  told: { model: string | null; old: string | null; now: string | null; field: Field },
): void {
  const { model, old, now, field } = told
  const ends = ['', '_id'].find((end) => field.column === `${old}${end}`)
  if (ends === undefined) {
    harmless(entry)
    return
  }
  add(entry, model, 'rename_column', { name: field.column })
  if (now !== null) keepField(entry.state, model, now, { ...field, column: `${now}${ends}` })
}
