import { expect, it } from 'vitest'
import { selectTools, tools } from '../../src/tools/index.ts'
import { toolsets } from '../../src/tools/toolsets.ts'

const names = (selected: readonly { name: string }[]) => selected.map(({ name }) => name)

it('offers every tool in the order of the journey', () => {
  expect(names(selectTools({ toolsets, readOnly: false }))).toEqual([
    'validate_deployment',
    'run_security_scan',
    'deploy_to_staging',
    'run_smoke_tests',
    'promote_to_production',
    'rollback_deployment',
    'get_deployment_status',
    'list_deployments',
  ])
})

it('offers no tool that changes an environment in read-only mode', () => {
  expect(names(selectTools({ toolsets, readOnly: true }))).toEqual([
    'validate_deployment',
    'run_security_scan',
    'run_smoke_tests',
    'get_deployment_status',
    'list_deployments',
  ])
})

it('offers the toolsets that were asked for', () => {
  expect(names(selectTools({ toolsets: ['delivery'], readOnly: false }))).toEqual([
    'deploy_to_staging',
  ])
  expect(names(selectTools({ toolsets: ['core'], readOnly: false }))).not.toContain(
    'deploy_to_staging',
  )
})

/** Names, parameters and defaults that users rely on: optional ones may be added, none removed. */
const promised: Record<string, Record<string, unknown>> = {
  validate_deployment: {
    environment: undefined,
    git_ref: undefined,
    dry_run: false,
    skip_tests: false,
    skip_security_scan: false,
  },
  run_security_scan: {
    git_ref: undefined,
    scan_dependencies: true,
    scan_code: true,
    scan_secrets: true,
    dry_run: false,
  },
  deploy_to_staging: { git_ref: undefined, dry_run: false },
  run_smoke_tests: {
    environment: undefined,
    test_suite: 'basic',
    timeout_seconds: 300,
    dry_run: false,
  },
  promote_to_production: {
    staging_version: undefined,
    approval_token: undefined,
    skip_smoke_tests: false,
    dry_run: false,
  },
  rollback_deployment: {
    environment: undefined,
    reason: undefined,
    target_version: undefined,
    approval_token: undefined,
    dry_run: false,
  },
  get_deployment_status: { deployment_id: undefined },
  list_deployments: { environment: undefined, limit: 10, include_failed: true },
}

it.each(tools.map((tool) => [tool.name, tool] as const))(
  '%s takes what it promises',
  (name, tool) => {
    for (const [parameter, preset] of Object.entries(promised[name]!)) {
      const field = tool.input.shape[parameter] as { safeParse(value: unknown): { data?: unknown } }
      expect(field, parameter).toBeDefined()
      expect(field.safeParse(undefined).data, parameter).toEqual(preset)
    }
  },
)
