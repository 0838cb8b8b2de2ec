/** Who acts. MCP callers are always agents; a human is only proven by a signature. */
export interface Principal {
  kind: 'agent' | 'human' | 'automation'
  /** As the surface knows it: an operating-system user or an MCP client's name. A claim, not a proof. */
  name: string
  /** Id of the caller token that names it; absent: nothing vouches for the name. */
  token_id?: string
}

/** How a principal is written in rows, results and the audit log: `agent:claude-code`. */
export function principalLabel(principal: Principal): string {
  return `${principal.kind}:${principal.name}`
}
