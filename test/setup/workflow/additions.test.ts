import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { withAdditions } from '../../../src/setup/workflow/additions.ts'

interface Written {
  'run-name': string
  on: { workflow_dispatch: { inputs: Record<string, unknown> }; [event: string]: unknown }
}

/** The text with its additions, and which inputs it declares then. */
function added(text: string): { text: string; inputs: string[]; title: string; on: Written['on'] } {
  const after = withAdditions(text)!
  const { on, 'run-name': title } = parse(after) as Written
  // Nothing that was there is gone.
  let rest = after
  for (const line of text.split('\n')) {
    if (/^on:|^run-name:|^ {2}- /.test(line)) continue
    expect(rest).toContain(line)
    rest = rest.slice(rest.indexOf(line) + line.length)
  }
  return { text: after, inputs: Object.keys(on.workflow_dispatch.inputs), title, on }
}

const all = ['deployment_id', 'commit', 'approval_id', 'approval']
const jobs = `
# the jobs
jobs:
  deploy: { runs-on: x, steps: [{ run: ./deploy.sh }] } # all of it
`

it('adds to the inputs that are there, and leaves every comment where it was', () => {
  const { text, inputs, title } = added(`name: Ship it
on:
  workflow_dispatch:
    inputs:
      # what
      version: # a tag
        type: string

  # every push
  push: { branches: [main] }
${jobs}`)
  expect(inputs).toEqual(['version', 'deployment_id', 'approval_id', 'approval'])
  expect(title).toBe('Ship it (${{ inputs.deployment_id }})')
  expect(text).toContain('        type: string\n      deployment_id:\n')
})

it.each([
  ['without a mapping', 'on:\n  push:\n  workflow_dispatch: # by hand\n  release:\n'],
  ['with an empty one', 'on:\n    workflow_dispatch: {}\n'],
  ['a list', 'on: [push, workflow_dispatch]\n'],
  ['a list of lines', 'on:\n  - push\n  - workflow_dispatch\n'],
  ['one name', 'on: workflow_dispatch\n'],
  ['one name, with a comment', 'on: workflow_dispatch # by hand\n'],
  ['the end of the file', `${jobs.trim()}\non:\n  workflow_dispatch:`],
])('declares the inputs where the event is %s', (what, on) => {
  const text = what === 'the end of the file' ? on : `name: "Say: it"\n${on}${jobs}`
  if (what === 'with an empty one') {
    expect(withAdditions(text)).toBe(null)
    return
  }
  const { on: events, inputs, title } = added(text)
  expect(inputs).toEqual(all)
  expect(title).toBe('Deploy (${{ inputs.deployment_id }})')
  if (on.includes('push')) expect(Object.keys(events)).toContain('push')
})

it.each([
  ['run-name: Deploy ${{ inputs.version }} # title', 'Deploy ${{ inputs.version }}'],
  ["run-name: 'Deploy: now'", 'Deploy: now'],
])('adds the id to the title that is there: %s', (line, before) => {
  const { title } = added(`${line}\non: workflow_dispatch\n${jobs}`)
  expect(title).toBe(`${before} (\${{ inputs.deployment_id }})`)
})

it('changes nothing where everything is there, and says so where it cannot help', () => {
  const done = withAdditions(`on: workflow_dispatch\n${jobs}`)!
  expect(withAdditions(done)).toBe(done)
  for (const text of [
    'on: push\n',
    '{ on: workflow_dispatch }',
    'jobs: [',
    'on: { push: {} }\n',
    'on:\n  - workflow_dispatch # by hand\n  - push\n',
    '',
  ]) {
    expect(withAdditions(text)).toBe(null)
  }
})
