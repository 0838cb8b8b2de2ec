import { expect, it } from 'vitest'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()

function config(approvals: string, approvers: string): string {
  return [
    'project: shop',
    `approvals: { ${approvals} }`,
    `environments: { staging: {}, production: { approvers: { ${approvers} } } }`,
    '',
  ].join('\n')
}

const known =
  'people: { ada: { signers: [ada@desk], github: [ada-l] }, bob: {} }, groups: { ops: [ada, bob] }'

it('knows who has to approve, and for how long', async () => {
  const root = directory()
  const text = config(`${known}, validity_minutes: 60`, 'count: 2, people: [ops], reason: required')
  put(root, 'gonogo.yaml', text)
  const { project } = await load(root)
  expect(project.environments[1]?.approvers).toEqual({
    count: 2,
    people: ['ops'],
    self_approval: 'auto',
    validity_minutes: 60,
    reason: 'required',
  })
  expect(project.approvals.people.bob).toEqual({ signers: [], github: [], users: [] })
})

it.each([
  [
    known,
    'people: [ops, carol]',
    'approvers.people[1] is no person and no group of approvals: "carol"',
  ],
  [
    known,
    'count: 3, people: [ops, ada]',
    'approvers.count is 3, but approvers.people names 2 people',
  ],
  ['', 'count: 2, people: [ada]', 'approvers.count is 2, but approvers.people names one person'],
  [
    'people: { ada: {} }, groups: { ops: [ada, carol] }',
    '',
    'approvals.groups.ops[1] is no person of approvals: "carol"',
  ],
  ['groups: { ops: [] }', '', 'approvals.groups.ops must be'],
  [
    'people: { ada: {}, ops: {} }, groups: { ops: [ada] }',
    '',
    'approvals.groups.ops is the name of a person, too',
  ],
  [
    'people: { ada: { github: [ada-l] }, bob: { github: [ADA-L] } }',
    '',
    'approvals.people.bob.github[0] is what ada is known by, too',
  ],
  [
    'people: { ada: { signers: [a] }, bob: { signers: [a], users: [b] } }',
    '',
    'approvals.people.bob.signers[0] is what ada is known by, too',
  ],
])('refuses approvals: %s, approvers: %s', async (approvals, approvers, problem) => {
  const root = directory()
  const problems = await problemsOf(root, config(approvals, approvers))
  expect(problems.join('\n')).toContain(problem)
})

it('takes names of the signers list where no people are listed', async () => {
  const root = directory()
  put(root, 'gonogo.yaml', config('', 'count: 2, people: [ada@desk, bob@desk]'))
  expect((await load(root)).project.environments[1]?.approvers.count).toBe(2)
})
