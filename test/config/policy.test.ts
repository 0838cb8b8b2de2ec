import { describe, expect, it } from 'vitest'
import { policyText } from '../../src/config/policy.ts'
import type { Project } from '../../src/core/project.ts'
import { load, put, useDirectories } from './directory.ts'

const directory = useDirectories()

const yaml = `project: shop
approvals: { signers_file: signers }
tests: [{ name: unit, run: [npm, test] }]
smoke: { basic: [{ name: up, path: /health, body: { a: [1] } }] }
environments:
  staging: { url: http://s.test, local: { directory: s, activate: [{ name: go, run: [go] }] } }
  production: { url: http://p.test, checks: { migrations_safe: required } }
`

async function project(): Promise<Project> {
  const root = directory()
  put(root, 'gonogo.yaml', yaml)
  return (await load(root)).project
}

/** A deep copy with changes made to it. */
function changed(original: Project, change: (copy: Project) => void): Project {
  const copy = structuredClone(original)
  change(copy)
  return copy
}

describe('the policy', () => {
  it.each<[string, (copy: Project) => void]>([
    ['a check', (copy) => (copy.environments[1]!.checks.security_scan = 'off')],
    ['an approval', (copy) => (copy.environments[1]!.approval = 'none')],
    ['the order of environments', (copy) => (copy.environments = copy.environments.toReversed())],
    ['a step', (copy) => copy.environments[0]!.local!.activate[0]!.run.push('--force')],
    ['a test', (copy) => (copy.tests[0]!.run = ['true'])],
    ['a smoke step', (copy) => Object.assign(copy.smoke.basic[0]!, { body: { a: [2] } })],
    ['a threshold', (copy) => (copy.security.thresholds.high = 4)],
    ['the signers', (copy) => (copy.approvals.signers_file = '/tmp/mine')],
    ['a URL', (copy) => (copy.environments[0]!.url = 'http://other.test')],
    ['the age of evidence', (copy) => (copy.evidence_hours = 999)],
  ])('changes with %s', async (_, change) => {
    const original = await project()
    expect(policyText(changed(original, change))).not.toBe(policyText(original))
  })

  it('is the same wherever this process keeps and found things', async () => {
    const original = await project()
    const elsewhere = changed(original, (copy) => {
      copy.state_directory = '/elsewhere'
      copy.audit_log = '/elsewhere/audit.jsonl'
      copy.config_file = '/elsewhere/gonogo.yaml'
      copy.github_repository = 'acme/shop'
    })
    expect(policyText(elsewhere)).toBe(policyText(original))
  })

  it('does not depend on the order in which keys were written', async () => {
    const original = await project()
    const shuffled = changed(original, (copy) => {
      copy.environments[1]!.checks = Object.fromEntries(
        Object.entries(copy.environments[1]!.checks).toReversed(),
      ) as Project['environments'][number]['checks']
    })
    expect(policyText(shuffled)).toBe(policyText(original))
  })
})
