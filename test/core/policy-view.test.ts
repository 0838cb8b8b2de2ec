import { expect, it } from 'vitest'
import { differenceView, policyView } from '../../src/core/policy-view.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'

const step = { name: 'restart', run: ['restart', 'clinic'], directory: '.', timeout_seconds: 60 }
const local = { directory: '/srv/p', prepare: [], activate: [step], keep_releases: 5 }

it('says of a policy what is weak about it first, then who may do what', () => {
  const environments = [
    fakeEnvironment('staging', { verify: 'off' }),
    fakeEnvironment('production', { local }),
  ]
  const lines = policyView(fakeProject({ environments }), ['ada', 'bob'])
  const texts = lines.map(({ kind, label, text }) => `${kind} ${label ?? ''}: ${text}`)
  expect(texts).toEqual([
    'title : Trust the policy of clinic',
    'warning : staging: no approval is wanted; off: docker_images; advisory: migrations_safe, environment_config, changes_reviewed, environment_protection, environment_lock, clock_skew; no smoke tests decide the outcome',
    'warning : production: off: docker_images; advisory: migrations_safe, environment_config, changes_reviewed, environment_protection, environment_lock, clock_skew',
    'warning : approvals.mode is standard: static tokens are accepted where they are set',
    'fact order: staging -> production',
    'fact : staging: required: git_ref_valid, tests_passed, security_scan, preflight, freeze_window',
    'fact : production: an approval of L0 or more; required: git_ref_valid, tests_passed, security_scan, preflight, freeze_window; basic smoke tests decide; into /srv/p',
    'step activate: production restart: restart clinic',
    'fact approvers: ada, bob',
    'fact approvals: mode standard, listed in /etc/approvers',
  ])
})

it('names the level that is really wanted in strict mode', () => {
  const project = fakeProject({ environments: [fakeEnvironment('production')] })
  const strict = { ...project, approvals: { ...project.approvals, mode: 'strict' as const } }
  const texts = policyView(strict, []).map(({ text }) => text)
  expect(texts.join('\n')).toContain('an approval of L1 or more')
})

it('cuts nothing of a difference, and lets nothing in it paint the screen', () => {
  const long = 'x'.repeat(2000)
  const changes = [{ path: 'a', from: null, to: `\u001b[2J${long}\nforged` }]
  const lines = differenceView('clinic', changes)
  expect(lines.map(({ text }) => text)).toEqual([
    'Trust the changed policy of clinic',
    `a: (not there) -> ${long} forged`,
  ])
})

it('says which workflow of which repository deploys', () => {
  const github = {
    repository: 'acme/shop',
    api_url: 'https://git.acme.test/api/v3',
    workflow: 'cd.yml',
    ref: null,
    token_command: null,
    app: null,
    inputs: {},
    approval_job: 'approval',
    lock: 'auto' as const,
    tests: { suites: [], wait_seconds: 0 },
  }
  const target = { environment: 'Production', workflow: 'eu.yml', job: null, inputs: {} }
  const environments = [fakeEnvironment('production', { github: target })]
  const told = (settings: typeof github) =>
    policyView(fakeProject({ github: settings, environments }), [])
      .map(({ text }) => text)
      .join('\n')
  expect(told(github)).toContain(
    '; by eu.yml of acme/shop at https://git.acme.test/api/v3, as Production there',
  )
})
