import { describe, expect, test } from 'vitest'
import { describeTool } from '../../src/mcp/describe.ts'
import { tools } from '../../src/tools/index.ts'

/** Names, parameters, defaults and result fields are promises; more may be added, none removed. */
const promised: Record<string, { takes: Record<string, unknown>; answers: string[] }> = {
  validate_deployment: {
    takes: {
      environment: required,
      git_ref: required,
      dry_run: false,
      skip_tests: false,
      skip_security_scan: false,
    },
    answers: words(
      'valid environment git_ref checks blockers warnings validated_at validation_duration_ms',
    ),
  },
  run_security_scan: {
    takes: {
      git_ref: required,
      scan_dependencies: true,
      scan_code: true,
      scan_secrets: true,
      dry_run: false,
    },
    answers: words(
      'git_ref vulnerabilities severity_summary passed scan_duration_ms scanned_at blockers',
    ),
  },
  deploy_to_staging: {
    takes: { git_ref: required, dry_run: false },
    answers: words('status deployment_id environment version initiated_at'),
  },
  run_smoke_tests: {
    takes: { environment: required, test_suite: 'basic', timeout_seconds: 300, dry_run: false },
    answers: words('environment test_suite passed results duration_ms executed_at'),
  },
  promote_to_production: {
    takes: {
      staging_version: required,
      approval_token: optional,
      skip_smoke_tests: false,
      dry_run: false,
    },
    answers: words(
      'status deployment_id staging_version production_version initiated_at estimated_duration_minutes',
    ),
  },
  rollback_deployment: {
    takes: {
      environment: required,
      reason: required,
      target_version: optional,
      approval_token: optional,
      dry_run: false,
    },
    answers: words('status environment from_version to_version rollback_id initiated_at'),
  },
  get_deployment_status: {
    takes: { deployment_id: required },
    answers: words('deployment checks logs health_checks'),
  },
  list_deployments: {
    takes: { environment: optional, limit: 10, include_failed: true },
    answers: words('deployments total_count retrieved_at'),
  },
}

function required() {}
function optional() {}
function words(text: string): string[] {
  return text.split(' ')
}

interface Schema {
  properties: Record<string, { default?: unknown; minimum?: number; maximum?: number }>
  required?: string[]
}

describe.each(tools.map((tool) => [tool.name, tool] as const))('%s', (name, tool) => {
  const { inputSchema, outputSchema, ...rest } = describeTool(tool)
  const { takes, answers } = promised[name]!

  test('takes what was promised', () => {
    const { properties, required: needed = [] } = inputSchema as unknown as Schema
    const kinds = Object.entries(properties).map(([field, { default: preset }]) => [
      field,
      needed.includes(field) ? required : (preset ?? optional),
    ])
    expect(Object.fromEntries(kinds)).toMatchObject(takes)
  })

  test('answers what was promised, always', () => {
    const { properties, required: always = [] } = outputSchema as unknown as Schema
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(always))
    expect(always).toEqual(expect.arrayContaining(answers))
  })

  test('fits the limits of clients', () => {
    expect(name).toMatch(/^[a-z_]{1,40}$/)
    expect(rest.title).toMatch(/^[A-Z]/)
    expect(rest.description!.length).toBeLessThan(2048)
    expect(Object.keys(rest.annotations!)).toHaveLength(4)
  })
})

function bounds(name: string, field: string) {
  const { inputSchema } = describeTool(tools.find((tool) => tool.name === name)!)
  const { minimum, maximum } = (inputSchema as unknown as Schema).properties[field]!
  return [minimum, maximum]
}

test('numbers are bounded as promised', () => {
  expect(bounds('run_smoke_tests', 'timeout_seconds')).toEqual([30, 1800])
  expect(bounds('list_deployments', 'limit')).toEqual([1, 100])
})
