import { join } from 'node:path'
import { applicationData, movable, type Places } from './places.ts'

export type ClientId = 'claude-code' | 'claude-desktop' | 'vscode' | 'cursor' | 'codex' | 'gemini'
export type Scope = 'project' | 'user'

/** How one client is told about a server. Where each fact comes from: docs/mcp.md. */
export interface Client {
  id: ClientId
  title: string
  format: 'json' | 'toml'
  /** The key that holds the servers by name. */
  table: string
  /** `type: stdio` is required, or what the client itself would write. */
  typed: boolean
  /** The file of each scope that the client has. */
  files: Partial<Record<Scope, (places: Places) => string>>
  /** Any of these paths means that the client was used on this machine. */
  traces: (places: Places) => string[]
  /** How a value of `env` names a variable; `list`: by name in `env_vars`; null: not at all. */
  reference: ((variable: string, server: string) => string) | 'list' | null
  /** Text that the client would replace in a command or an argument. */
  replaces: RegExp | null
  /** Started by the desktop, without what a shell would add to the search path. */
  bareSearchPath: boolean
  /** What to do after the file was written. */
  next: Partial<Record<Scope, string>>
}

const shellLike = (variable: string) => `\${${variable}:-}`
const braces = /\$\{/

export const clients: readonly Client[] = [
  {
    id: 'claude-code',
    title: 'Claude Code',
    format: 'json',
    table: 'mcpServers',
    typed: true,
    files: {
      project: ({ project }) => join(project, '.mcp.json'),
      user: (places) => join(movable(places, 'CLAUDE_CONFIG_DIR', ''), '.claude.json'),
    },
    traces: (places) => [
      movable(places, 'CLAUDE_CONFIG_DIR', '.claude'),
      join(places.home, '.claude.json'),
    ],
    reference: shellLike,
    replaces: braces,
    bareSearchPath: false,
    next: {
      project:
        'start claude in the project and agree to use the server; /mcp shows it, and so does: claude mcp list',
      user: 'start claude again; /mcp shows the server, and so does: claude mcp list',
    },
  },
  {
    id: 'claude-desktop',
    title: 'Claude Desktop',
    format: 'json',
    table: 'mcpServers',
    typed: false,
    files: {
      user: (places) => join(applicationData(places), 'Claude', 'claude_desktop_config.json'),
    },
    traces: (places) => [join(applicationData(places), 'Claude')],
    reference: null,
    replaces: null,
    bareSearchPath: true,
    next: {
      user: 'quit Claude Desktop, not only its window, and start it again; Settings, Developer shows the server',
    },
  },
  {
    id: 'vscode',
    title: 'VS Code',
    format: 'json',
    table: 'servers',
    typed: true,
    files: {
      project: ({ project }) => join(project, '.vscode', 'mcp.json'),
      user: (places) => join(applicationData(places), 'Code', 'User', 'mcp.json'),
    },
    traces: (places) => [join(applicationData(places), 'Code')],
    reference: (variable, server) => `\${input:${inputId(server, variable)}}`,
    replaces: braces,
    bareSearchPath: false,
    next: {
      project:
        'open the project in VS Code, run "MCP: List Servers" from the command palette, choose the server and start it',
      user: 'run "MCP: List Servers" from the command palette, choose the server and start it',
    },
  },
  {
    id: 'cursor',
    title: 'Cursor',
    format: 'json',
    table: 'mcpServers',
    typed: true,
    files: {
      project: ({ project }) => join(project, '.cursor', 'mcp.json'),
      user: ({ home }) => join(home, '.cursor', 'mcp.json'),
    },
    traces: ({ home }) => [join(home, '.cursor')],
    reference: (variable) => `\${env:${variable}}`,
    replaces: braces,
    bareSearchPath: false,
    next: {
      project: 'restart Cursor with the project open; its settings show the server under MCP',
      user: 'restart Cursor; its settings show the server under MCP',
    },
  },
  {
    id: 'codex',
    title: 'Codex',
    format: 'toml',
    table: 'mcp_servers',
    typed: false,
    files: {
      project: ({ project }) => join(project, '.codex', 'config.toml'),
      user: (places) => join(movable(places, 'CODEX_HOME', '.codex'), 'config.toml'),
    },
    traces: (places) => [movable(places, 'CODEX_HOME', '.codex')],
    reference: 'list',
    replaces: null,
    bareSearchPath: false,
    next: {
      project:
        'start codex in the project and trust it: only then it reads this file; /mcp shows the server, and so does: codex mcp list',
      user: 'start codex again; /mcp shows the server, and so does: codex mcp list',
    },
  },
  {
    id: 'gemini',
    title: 'Gemini CLI',
    format: 'json',
    table: 'mcpServers',
    typed: false,
    files: {
      project: ({ project }) => join(project, '.gemini', 'settings.json'),
      user: (places) => join(movable(places, 'GEMINI_CLI_HOME', ''), '.gemini', 'settings.json'),
    },
    traces: (places) => [join(movable(places, 'GEMINI_CLI_HOME', ''), '.gemini')],
    reference: shellLike,
    replaces: /\$\{|\$\w|%\w+%/,
    bareSearchPath: false,
    next: {
      project: 'start gemini in the project; /mcp shows the server, and so does: gemini mcp list',
      user: 'start gemini again; /mcp shows the server, and so does: gemini mcp list',
    },
  },
]

/** The id of the question VS Code asks for a secret. */
export function inputId(server: string, variable: string): string {
  return `${server}-${variable}`
}
