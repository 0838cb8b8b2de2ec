import type { Client, Scope } from './clients.ts'
import type { Wanted } from './entry.ts'

/** The client's own way to add a server: a command to run, or a link to open. */
export type OwnWay = { command: readonly string[] } | { link: string }

/** For whoever would rather use the client's own way; null where there is none that fits. */
export function ownWay(client: Client, scope: Scope, name: string, wanted: Wanted): OwnWay | null {
  const { entry } = wanted
  const { command, args } = entry as { command: string; args: string[] }
  // Their commands take the values of variables, not references to them.
  const bare = entry.env === undefined && entry.env_vars === undefined
  if (client.id === 'claude-code' && bare)
    return { command: ['claude', 'mcp', 'add', '--scope', scope, name, '--', command, ...args] }
  if (client.id === 'codex' && bare && scope === 'user')
    return { command: ['codex', 'mcp', 'add', name, '--', command, ...args] }
  if (scope === 'project') return null
  if (client.id === 'vscode') {
    const server = { name, ...entry, ...(wanted.inputs.length > 0 && { inputs: wanted.inputs }) }
    return { link: `vscode:mcp/install?${encodeURIComponent(JSON.stringify(server))}` }
  }
  if (client.id === 'cursor') {
    const config = encodeURIComponent(Buffer.from(JSON.stringify(entry)).toString('base64'))
    return { link: `cursor://anysphere.cursor-deeplink/mcp/install?name=${name}&config=${config}` }
  }
  return null
}
