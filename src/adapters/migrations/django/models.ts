import { argument, isNone, textOf, type PyValue } from '../python/value.ts'
import { addUnknown } from '../python/report.ts'
import { fieldOf, type Field } from './fields.ts'
import { add, harmless, text, value, type Act, type Entry } from './operation.ts'
import { renameIn, tableOf, type Model } from './state.ts'

/** Operations on whole models. */
export const modelActs: [string, Act][] = [
  ['CreateModel', createModel],
  ['DeleteModel', deleteModel],
  ['RenameModel', renameModel],
  ['AlterModelTable', alterTable],
  ['AlterUniqueTogether', uniqueTogether],
  ['AlterIndexTogether', indexTogether],
  ['AlterOrderWithRespectTo', orderWithRespectTo],
  ['AlterModelTableComment', harmless],
  ['AlterModelOptions', alterOptions],
  ['AlterModelManagers', harmless],
]

function createModel(entry: Entry): void {
  const name = text(entry, 0, 'name')
  const fields = fieldsOf(value(entry, 1, 'fields'))
  const model = { ...modelOf(value(entry, 2, 'options')), fields }
  if (name === null) {
    addUnknown(entry.report, entry.call.node, 'the name of the model is not written as text')
    return
  }
  entry.state.models.set(name.toLowerCase(), model)
  add(entry, name, 'create_table')
  for (const [field, { joins }] of fields)
    if (joins) add(entry, name, 'create_table', joinOf(entry, name, field))
}

/** The table that joins two models. */
export function joinOf({ state }: Entry, model: string | null, field: string | null) {
  const table = tableOf(state, model)
  return { table: table === null || field === null ? null : `${table}_${field}` }
}

function fieldsOf(list: PyValue | undefined): Map<string, Field> {
  const fields = new Map<string, Field>()
  for (const item of list?.kind === 'list' ? list.items : []) {
    const [name, described] = item.kind === 'list' ? item.items : []
    const key = textOf(name)
    const field = fieldOf(key, described)
    if (key !== null && field) fields.set(key, field)
  }
  return fields
}

function modelOf(options: PyValue | undefined): Omit<Model, 'fields'> {
  const option = (key: string) =>
    options?.kind === 'dict'
      ? options.entries.findLast(([name]) => textOf(name) === key)?.[1]
      : undefined
  const [managed, proxy] = [option('managed'), option('proxy')]
  return {
    table: textOf(option('db_table')) || null,
    managed: !(managed?.kind === 'bool' && !managed.value),
    proxy: proxy?.kind === 'bool' && proxy.value,
    uniqueTogether: hasItems(option('unique_together')),
  }
}

/** An option that is left out has its default from then on, so that a table may become Django's to drop. */
function alterOptions(entry: Entry): void {
  const model = entry.state.models.get(text(entry, 0, 'name')?.toLowerCase() ?? '')
  if (model) model.managed = modelOf(value(entry, 1, 'options')).managed
  harmless(entry)
}

function hasItems(list: PyValue | undefined): boolean {
  if (list === undefined || isNone(list)) return false
  // `set()` is how an empty one is written.
  if (list.kind === 'call') return list.call.args.length > 0
  return list.kind !== 'list' || list.items.length > 0
}

function deleteModel(entry: Entry): void {
  const name = text(entry, 0, 'name')
  const { models } = entry.state
  const fields = models.get(name?.toLowerCase() ?? '')?.fields ?? new Map<string, Field>()
  for (const [field, { joins }] of fields)
    if (joins) add(entry, name, 'drop_table', joinOf(entry, name, field))
  add(entry, name, 'drop_table')
  if (name !== null) models.delete(name.toLowerCase())
}

function renameModel(entry: Entry): void {
  const [old, now] = [text(entry, 0, 'old_name'), text(entry, 1, 'new_name')]
  const { state } = entry
  const model = state.models.get(old?.toLowerCase() ?? '')
  const same = model?.table || (old !== null && old.toLowerCase() === now?.toLowerCase())
  if (same) harmless(entry)
  else {
    add(entry, old, 'rename_table', { name: tableOf(state, now) })
    for (const [field, { joins }] of model?.fields ?? []) {
      if (!joins) continue
      const { table: name } = joinOf(entry, now, field)
      add(entry, old, 'rename_table', { ...joinOf(entry, old, field), name })
    }
  }
  if (old !== null && now !== null) renameIn(state.models, old.toLowerCase(), now.toLowerCase())
}

function alterTable(entry: Entry): void {
  const [name, told] = [text(entry, 0, 'name'), value(entry, 1, 'table')]
  const { state } = entry
  const before = tableOf(state, name)
  const model = state.models.get(name?.toLowerCase() ?? '')
  const table = textOf(told) || null
  if (model) model.table = table
  const after = table ?? (isNone(told) ? tableOf(state, name) : null)
  if (before !== null && before === after) harmless(entry)
  else add(entry, name, 'rename_table', { table: before, name: after })
}

function uniqueTogether(entry: Entry): void {
  const name = text(entry, 0, 'name')
  const model = entry.state.models.get(name?.toLowerCase() ?? '')
  const has = hasItems(value(entry, 1, 'unique_together'))
  const had = model?.uniqueTogether ?? !has
  if (had) add(entry, name, 'drop_constraint', { facts: { constraint: 'unique' } })
  if (has) {
    add(entry, name, 'add_constraint', { facts: { constraint: 'unique', concurrently: false } })
  }
  if (!had && !has) harmless(entry)
  if (model) model.uniqueTogether = has
}

function indexTogether(entry: Entry): void {
  const has = hasItems(argument(entry.call, 1, 'index_together'))
  add(entry, text(entry, 0, 'name'), has ? 'create_index' : 'drop_index', {
    facts: { concurrently: false },
  })
}

/** Django keeps the order in a column of its own, with 0 for the rows that are there. */
function orderWithRespectTo(entry: Entry): void {
  const model = text(entry, 0, 'name')
  const name = '_order'
  if (isNone(value(entry, 1, 'order_with_respect_to'))) {
    add(entry, model, 'drop_column', { name })
    return
  }
  add(entry, model, 'add_column', { name, facts: { nullable: false, default: 'constant' } })
  add(entry, model, 'drop_default', { name, facts: { nullable: false } })
}
