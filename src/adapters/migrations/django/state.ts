import type { Field } from './fields.ts'

/** The models of an app as the migrations so far leave them. */
export interface AppState {
  /** Null: not told by anything. */
  label: string | null
  /** By their names in lower case, as Django looks them up. */
  models: Map<string, Model>
}

export interface Model {
  /** The table in so many words; null: Django makes it up from the names. */
  table: string | null
  /** False: its table is somebody else's. */
  managed: boolean
  /** Its table is another model's. */
  proxy: boolean
  /** By their names. */
  fields: Map<string, Field>
  /** Of `unique_together`. */
  uniqueTogether: boolean
}

/** Where operations on a model go; null: the app is not known by its label. */
export function tableOf({ label, models }: AppState, model: string | null): string | null {
  if (model === null) return null
  const told = models.get(model.toLowerCase())?.table
  if (told) return told.replace(/^"(.*)"$/, '$1').replace('"."', '.')
  return label === null ? null : `${label}_${model.toLowerCase()}`
}

export function isManaged({ models }: AppState, model: string | null): boolean {
  const known = model === null ? undefined : models.get(model.toLowerCase())
  return known === undefined || (known.managed && !known.proxy)
}

export function fieldAt(state: AppState, model: string | null, name: string | null): Field | null {
  if (model === null || name === null) return null
  return state.models.get(model.toLowerCase())?.fields.get(name) ?? null
}

export function keepField(
  state: AppState,
  model: string | null,
  name: string | null,
  field: Field | null,
): void {
  const fields = model === null ? undefined : state.models.get(model.toLowerCase())?.fields
  if (name === null) return
  if (field) fields?.set(name, field)
  else fields?.delete(name)
}

/** Takes the value of one name to another. */
export function renameIn<Value>(map: Map<string, Value>, from: string, to: string): void {
  const value = map.get(from)
  map.delete(from)
  if (value !== undefined) map.set(to, value)
}

export function copyOf({ label, models }: AppState): AppState {
  const copies = [...models].map(
    ([name, model]) => [name, { ...model, fields: new Map(model.fields) }] as const,
  )
  return { label, models: new Map(copies) }
}
