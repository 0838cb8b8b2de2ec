import { Failure } from '../../core/failure.ts'
import { inputId, type Client } from './clients.ts'
import { settingNames, type Server } from './server.ts'

/** One server's entry in a client's file, as plain data. */
export type Entry = Record<string, unknown>

/** A question of VS Code; the answer is kept in its secret storage. */
export interface Input {
  type: 'promptString'
  id: string
  description: string
  password: boolean
}

/** What this client's file has to say about the server. */
export interface Wanted {
  entry: Entry
  inputs: Input[]
  /** References that this client has no way to express. */
  unsupported: readonly string[]
}

/** `searchPath` is the PATH of whoever installs. */
export function entryFor(client: Client, server: Server, searchPath: string | undefined): Wanted {
  refuseReplaceable(client, server)
  const { reference } = client
  const env: Record<string, string> = { ...server.settings }
  if (client.bareSearchPath && searchPath) env.PATH = searchPath
  if (typeof reference === 'function') {
    for (const variable of server.references) env[variable] = reference(variable, server.name)
  }
  const listed = reference === 'list' && server.references.length > 0
  return {
    entry: {
      ...(client.typed && { type: 'stdio' }),
      command: server.command,
      args: [...server.args],
      ...(Object.keys(env).length > 0 && { env }),
      ...(listed && { env_vars: [...server.references] }),
    },
    inputs: client.id === 'vscode' ? server.references.map((name) => inputFor(server, name)) : [],
    unsupported: reference === null ? server.references : [],
  }
}

/** Clients offer no way to write their own variable syntax literally. */
function refuseReplaceable(client: Client, { command, args }: Server): void {
  const replaced = [command, ...args].find((text) => client.replaces?.test(text))
  if (replaced === undefined) return
  throw new Failure({
    code: 'invalid_input',
    message: `${client.title} would replace a part of ${JSON.stringify(replaced)}, which looks like a variable to it`,
    hint: 'move the project or gonogo to a path without $ and %, then run gonogo install again',
  })
}

function inputFor(server: Server, variable: string): Input {
  return {
    type: 'promptString',
    id: inputId(server.name, variable),
    description: `${variable} for gonogo`,
    password: true,
  }
}

/** The present entry with ours on top: what somebody added to it stays. */
export function merged(present: Entry | null, wanted: Entry): Entry {
  if (present === null) return wanted
  const env = mergedEnv(asRecord(present.env), asRecord(wanted.env))
  const listed = [...new Set([...asList(present.env_vars), ...asList(wanted.env_vars)])]
  const { env: _env, env_vars: _listed, ...others } = present
  const { env: _wantedEnv, env_vars: _wantedListed, ...fields } = wanted
  return {
    ...others,
    ...fields,
    ...((present.env !== undefined || Object.keys(env).length > 0) && { env }),
    ...(listed.length > 0 && { env_vars: listed }),
  }
}

/** A setting that is not wanted any more goes: it would point the server at another project. */
function mergedEnv(present: Record<string, unknown>, wanted: Record<string, unknown>) {
  const kept = Object.entries(present).filter(([name]) => !settingNames.includes(name))
  return { ...Object.fromEntries(kept), ...wanted }
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
