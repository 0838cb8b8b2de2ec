import { describe, expect, it } from 'vitest'
import { referencesIn } from '../../../../src/adapters/github/workflow/expression.ts'
import { placeIn } from '../../../../src/adapters/github/workflow/model.ts'
import { readWorkflow } from '../../../../src/adapters/github/workflow/read-workflow.ts'
import { expressionsIn } from '../../../../src/adapters/github/workflow/template.ts'

const text = `name: CD
run-name: "Deploy \${{ inputs.version }}"
on:
  workflow_dispatch:
    inputs:
      version: { type: string, required: true, description: which one }
      environment: { type: choice, options: [staging, production], default: staging }
      count: { type: number, default: 3 }
      skip: { type: boolean }
  push:
    branches: [main]
permissions: read-all
env: &common
  A: 1
jobs:
  deploy:
    name: Deploy
    needs: [build, 'test']
    if: inputs.skip != true
    environment:
      name: \${{ inputs.environment }}
      url: https://x
    env: *common
    steps:
      - uses: actions/checkout@v4
        with: { ref: "\${{ inputs.version }}" }
      - name: go
        run: |
          echo one
          ./deploy "\${{ github.event.head_commit.message }}"
        continue-on-error: true
`

describe('the model', () => {
  const workflow = readWorkflow('.github/workflows/cd.yml', text)
  const [job] = workflow.jobs

  it('has what the file says, with places', () => {
    expect(workflow.runName).toMatchObject({ line: 2, column: 12 })
    expect(workflow.events.map(({ name, line }) => [name, line])).toEqual([
      ['workflow_dispatch', 4],
      ['push', 10],
    ])
    expect(workflow.permissions).toMatchObject({ all: 'read-all', line: 12 })
    expect(job).toMatchObject({ id: 'deploy', line: 16, column: 3 })
    expect(job?.needs.map((need) => need.text)).toEqual(['build', 'test'])
    expect(job?.environment).toMatchObject({
      line: 21,
      name: { text: '${{ inputs.environment }}' },
    })
    expect(job?.env[0]).toMatchObject({ key: { text: 'A' }, value: { value: 1 } })
    expect(job?.steps[1]).toMatchObject({ line: 27, continueOnError: { value: true } })
  })

  it('finds every expression where it stands', () => {
    const found = [...expressionsIn(workflow.root)].map(
      ({ source, line, column }) => `${line}:${column} ${source}`,
    )
    expect(found).toEqual([
      '2:23 inputs.version',
      '19:9 inputs.skip != true',
      '21:17 inputs.environment',
      '26:27 inputs.version',
      '30:25 github.event.head_commit.message',
    ])
    for (const { line, column, source } of expressionsIn(workflow.root))
      expect(text.split('\n')[line - 1]?.slice(column - 1)).toMatch(
        new RegExp(`^${source.replaceAll('.', '\\.')}`),
      )
  })

  it('knows the place of every character of a script', () => {
    const run = job!.steps[1]!.run!
    const place = placeIn(run, run.text.indexOf('./deploy'))
    expect(place).toEqual({ line: 30, column: 11 })
  })

  it('has the inputs a dispatch may send', () => {
    expect(readWorkflow('cd.yml', text).inputs).toMatchObject([
      { name: 'version', type: 'string', required: true, default: null, description: 'which one' },
      {
        name: 'environment',
        type: 'choice',
        options: ['staging', 'production'],
        default: 'staging',
      },
      { name: 'count', type: 'number', default: 3 },
      { name: 'skip', type: 'boolean', required: false, line: 9 },
    ])
    expect(readWorkflow('cd.yml', 'on: [workflow_dispatch]').inputs).toEqual([])
    expect(readWorkflow('cd.yml', 'on: {').inputs).toEqual([])
  })
})

describe('references', () => {
  it.each([
    ["github.event['issue'].title == inputs.X", ['github.event.issue.title', 'inputs.x']],
    ["contains(needs.*.result, 'failure')", ['needs.*.result']],
    ['fromJSON(vars.MAP)[inputs.env].host', ['vars.map', 'inputs.env']],
    ['matrix[github.ref_name]', ['matrix.*', 'github.ref_name']],
    ["'inputs.x'", []],
    ['no expression', []],
  ])('of %s', (source, paths) => {
    expect(referencesIn(source).toSorted()).toEqual(paths.toSorted())
  })
})
