import type { Context } from '../ports/context.ts'

/** What speaks against the static approval tokens of this process, a line for each; strict mode refuses them all. */
export function weakTokenLines({
  adminTokens,
  project,
  runtime,
}: Pick<Context, 'adminTokens' | 'project' | 'runtime'>): string[] {
  if (project.approvals.mode === 'strict') return []
  return adminTokens.flatMap(({ label, weakness, expires_at }) => {
    const name = `the static token ${label} of DEPLOYMENT_ADMIN_TOKENS`
    const expired = expires_at !== null && expires_at <= runtime.now()
    return [
      ...(weakness === null ? [] : [`${name} is easy to guess: ${weakness}`]),
      ...(expired ? [`${name} has expired and approves nothing`] : []),
    ]
  })
}
