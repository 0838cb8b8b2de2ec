import { expect, it } from 'vitest'
import { callProblem, tokenProblem, type CallerRole } from '../../src/core/caller.ts'
import { tools } from '../../src/tools/index.ts'

const mayCall: Record<CallerRole, string[]> = {
  auditor: ['get_deployment_status', 'list_deployments'],
  operator: [
    'get_deployment_status',
    'list_deployments',
    'rollback_deployment',
    'run_security_scan',
    'run_smoke_tests',
    'validate_deployment',
  ],
  deployer: tools.map(({ name }) => name).toSorted(),
}

it.each(Object.keys(mayCall) as CallerRole[])('what a role may call: %s', (role) => {
  const allowed = tools.filter(
    (tool) => callProblem({ role, environments: [] }, tool, null) === null,
  )
  expect(allowed.map(({ name }) => name).toSorted()).toEqual(mayCall[role])
})

it('limits what is more than reading to the environments of the token', () => {
  const caller = { role: 'deployer', environments: ['staging'] } as const
  for (const tool of tools) {
    const elsewhere = callProblem(caller, tool, 'production')
    if (tool.effect === 'read') expect(elsewhere).toBeNull()
    else expect(elsewhere).toContain(`may not call ${tool.name} for production`)
    expect(callProblem(caller, tool, 'staging')).toBeNull()
    expect(callProblem(caller, tool, null)).toBeNull()
  }
})

it('ends a token when it is revoked, and at the moment it expires', () => {
  const token = { revoked_at: null, expires_at: 2_000 }
  expect(tokenProblem(token, 1_999)).toBeNull()
  expect(tokenProblem(token, 2_000)).toBe('expired')
  expect(tokenProblem({ ...token, revoked_at: 1 }, 0)).toBe('revoked')
  expect(tokenProblem({ revoked_at: null, expires_at: null }, 1e15)).toBeNull()
})
