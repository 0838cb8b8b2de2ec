import { expect, it } from 'vitest'
import { policyText } from '../../src/config/policy.ts'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()
const target = (rest: string) =>
  `project: shop\nenvironments:\n  staging: {}\n  production: {}\nnotifications:\n  - { name: team, ${rest} }\n`
const webhook = 'kind: webhook, url_env: TEAM_URL'

it('a target has its variables, its hosts, and what people want to hear by default', async () => {
  const root = directory()
  put(root, 'gonogo.yaml', target(`${webhook}, hosts: [hooks.example.org, "127.0.0.1:8080"]`))
  const { project } = await load(root, { env: { TEAM_URL: 'https://hooks.example.org/s3cret' } })
  expect(project.notifications).toEqual([
    {
      name: 'team',
      kind: 'webhook',
      url_env: 'TEAM_URL',
      secret_env: null,
      hosts: ['hooks.example.org', '127.0.0.1:8080'],
      events: [
        'approval_requested',
        'deployment_ended',
        'line_stopped',
        'break_glass',
        'audit_unavailable',
      ],
    },
  ])
  expect(policyText(project)).not.toContain('s3cret')
})

it.each([
  [`${webhook}, hosts: []`, 'notifications[0].hosts'],
  [
    `${webhook}, hosts: [169.254.169.254]`,
    'notifications[0].hosts[0] is an address of a cloud metadata',
  ],
  [`${webhook}, hosts: ["https://hooks.test/x"]`, 'notifications[0].hosts[0] must be a host'],
  [
    'kind: slack, url_env: A, secret_env: B, hosts: [hooks.slack.com]',
    'notifications[0].secret_env is for kind: webhook; slack messages are not signed',
  ],
  [
    `${webhook}, secret_env: TEAM_URL, hosts: [hooks.test]`,
    'notifications[0].secret_env is url_env: give the secret its own variable',
  ],
  [
    `${webhook}, hosts: [hooks.test] }\n  - { name: team, ${webhook}, hosts: [hooks.test]`,
    'notifications[1].name is used twice: "team"',
  ],
  ['kind: webhook, url: "https://hooks.test/s3cret", hosts: [hooks.test]', 'notifications[0].url'],
])('refuses %s', async (rest, problem) => {
  const problems = await problemsOf(directory(), target(rest))
  expect(problems.join('\n')).toContain(problem)
})
