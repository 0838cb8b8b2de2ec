import type { Node, RangeVar, TypeName } from 'libpg-query'

type Names<T> = T extends unknown ? keyof T : never

/** What is inside each kind of node, by its name. */
export type Bodies = { [Name in Names<Node>]: Extract<Node, Record<Name, unknown>>[Name] }

/** The bodies of the nodes of one kind. */
export function bodiesOf<Name extends keyof Bodies>(
  nodes: readonly Node[] | undefined,
  name: Name,
): Bodies[Name][] {
  return (nodes ?? []).flatMap((node) => {
    const body = bodyOf(node, name)
    return body === undefined ? [] : [body]
  })
}

/** The body of a node, if it is of this kind. */
export function bodyOf<Name extends keyof Bodies>(
  node: Node | undefined,
  name: Name,
): Bodies[Name] | undefined {
  return (node as Partial<Bodies> | undefined)?.[name]
}

/** What kind of node it is. */
export function nameOfNode(node: Node): keyof Bodies {
  return Object.keys(node)[0] as keyof Bodies
}

/** Each node of these kinds, wherever it is below; without recursion, since expressions may be deep. */
export function findBelow<Name extends keyof Bodies>(tree: unknown, name: Name): Bodies[Name][] {
  const found: Bodies[Name][] = []
  const open: unknown[] = [tree]
  while (open.length > 0) {
    const next = open.pop()
    if (Array.isArray(next)) open.push(...next.toReversed())
    else if (typeof next === 'object' && next !== null) {
      const body = (next as Partial<Bodies>)[name]
      if (body !== undefined) found.push(body)
      open.push(...Object.values(next).toReversed())
    }
  }
  return found
}

/** A table with its schema where one is named, as it would be written; only a dot in a name needs quotes. */
export function relationName(relation: RangeVar | undefined): string | null {
  if (relation?.relname === undefined) return null
  const { schemaname, relname } = relation
  const name = relname.includes('.') ? `"${relname}"` : relname
  return schemaname === undefined ? name : `${schemaname}.${name}`
}

/** A name of several parts, such as a function's. */
export function partsOf(nodes: readonly Node[] | undefined): string[] {
  return bodiesOf(nodes, 'String').map(({ sval }) => sval ?? '')
}

/** The name of one of Postgres' own; a function in any other schema is somebody's, whatever it is called. */
export function ownName(parts: readonly string[]): string {
  const [schema, name] = parts.length === 1 ? ['pg_catalog', parts[0]] : parts
  return schema === 'pg_catalog' && parts.length < 3 ? (name ?? '') : ''
}

/** The type without the schema that the parser adds to Postgres' own. */
export function typeNameOf(type: TypeName | undefined): string {
  const parts = partsOf(type?.names)
  return (parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.')
}

/** Tables that are the same whatever schema `public` is written before. */
export function tableKey(table: string): string {
  return table.replace(/^public\./, '')
}
