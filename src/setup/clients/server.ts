import { isAbsolute, resolve } from 'node:path'

/** gonogo's MCP server, as any client has to start it. */
export interface Server {
  /** The client shows it, and puts it before the name of every tool. */
  name: string
  command: string
  args: readonly string[]
  /** Variables that say which project this is; no secret is among them. */
  settings: Readonly<Record<string, string>>
  /** Variables the server needs and whose values no file may hold: handed on by reference. */
  references: readonly string[]
}

export interface ServerOptions {
  name: string
  /** Node, its flags and the main file, each by absolute path. */
  command: readonly string[]
  /** Absolute path of the directory with `gonogo.yaml`. */
  project: string
  readOnly: boolean
  env: Readonly<Record<string, string | undefined>>
  /** What relative paths of the variables are relative to. */
  cwd: string
  /** Names of `pass_env`: deployments that the server starts take them from its environment. */
  passed: readonly string[]
}

const pathSettings = ['GONOGO_STATE_DIR', 'XDG_STATE_HOME', 'DEPLOYMENT_AUDIT_LOG'] as const
const otherSettings = [
  'STAGING_URL',
  'PRODUCTION_URL',
  'GITHUB_REPOSITORY',
  'GITHUB_API_URL',
] as const

/** Every variable of an entry that says which project it is for. */
export const settingNames: readonly string[] = [...pathSettings, ...otherSettings]

/**
 * A server that sees the project as the person who installs it does. Clients start it elsewhere and
 * with other variables, and another state directory would be another project.
 */
export function describeServer(options: ServerOptions): Server {
  const { name, command, project, readOnly, env, cwd, passed } = options
  const [program = '', ...flags] = command
  const settings: Record<string, string> = {}
  const references = new Set(passed)
  for (const variable of [...pathSettings, ...otherSettings]) {
    const value = env[variable]?.trim()
    if (!value) continue
    if (mayHoldSecret(value)) references.add(variable)
    else settings[variable] = isPath(variable) ? absolute(value, cwd) : value
  }
  const args = [...flags, 'mcp', '--project', project, ...(readOnly ? ['--read-only'] : [])]
  return { name, command: program, args, settings, references: [...references] }
}

function isPath(variable: string): boolean {
  return pathSettings.some((name) => name === variable)
}

function absolute(path: string, cwd: string): string {
  return isAbsolute(path) || path.startsWith('~/') ? path : resolve(cwd, path)
}

function mayHoldSecret(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && [url.username, url.password, url.search, url.hash].some(Boolean)
}

/** Whether an entry of a client's file starts gonogo: only such a one is changed or removed. */
export function startsGonogo(entry: unknown): boolean {
  if (entry === null || typeof entry !== 'object') return false
  const { command, args } = entry as { command?: unknown; args?: unknown }
  if (typeof command !== 'string' || !Array.isArray(args)) return false
  const words = [command, ...args.map(String)]
  const program = words[words.indexOf('mcp') - 1] ?? ''
  if (/(?:^|[\\/])gonogo(?:\.cmd|\.exe)?$/.test(program)) return true
  return /[\\/](?:dist[\\/]main\.js|src[\\/]main\.ts)$/.test(program) && words.includes('--project')
}
