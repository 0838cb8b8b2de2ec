/**
 * What a caller with a token may do. `auditor` reads. `operator` also checks, smoke-tests and rolls back.
 * `deployer` also deploys and promotes.
 */
export const callerRoles = ['auditor', 'operator', 'deployer'] as const
export type CallerRole = (typeof callerRoles)[number]

/** A tool as far as it decides who may call it. */
export interface CalledTool {
  name: string
  effect: 'read' | 'probe' | 'write' | 'destructive'
}

/** What takes a bad release away again: whoever looks after an environment has to be able to. */
const rollbackTool = 'rollback_deployment'

/** Whether a role may call a tool at all. */
function roleMayCall(role: CallerRole, { name, effect }: CalledTool): boolean {
  if (role === 'deployer' || effect === 'read') return true
  return role === 'operator' && (effect === 'probe' || name === rollbackTool)
}

/**
 * Why a caller may not call a tool on an environment, or null. A token's environments limit whatever is
 * more than reading records: smoke tests send requests that may write.
 */
export function callProblem(
  caller: { role: CallerRole; environments: readonly string[] },
  tool: CalledTool,
  environment: string | null,
): string | null {
  const { role, environments } = caller
  if (!roleMayCall(role, tool)) return `the role ${role} may not call ${tool.name}`
  if (tool.effect === 'read' || environment === null || environments.length === 0) return null
  if (environments.includes(environment)) return null
  return `the role ${role} is for ${environments.join(', ')}, and may not call ${tool.name} for ${environment}`
}

/** Why a token counts no more, or null. */
export function tokenProblem(
  token: { revoked_at: number | null; expires_at: number | null },
  now: number,
): 'revoked' | 'expired' | null {
  if (token.revoked_at !== null) return 'revoked'
  return token.expires_at !== null && token.expires_at <= now ? 'expired' : null
}
