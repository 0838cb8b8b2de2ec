import { describe, expect, it } from 'vitest'
import {
  planDispatch,
  type DispatchFacts,
} from '../../../../src/adapters/github/dispatch/dispatch-plan.ts'
import { readWorkflow } from '../../../../src/adapters/github/workflow/read-workflow.ts'

const sha = 'a'.repeat(40)

/** The inputs of a workflow as its file has them. */
function declared(...lines: string[]) {
  const text = lines.map((line) => `      ${line}`).join('\n')
  const { inputs } = readWorkflow('cd.yml', `on:\n  workflow_dispatch:\n    inputs:\n${text}\n`)
  return new Map(inputs.map((input) => [input.name, input]))
}

function plan(inputs: DispatchFacts['declared'], changes: Partial<DispatchFacts> = {}) {
  return planDispatch({
    declared: inputs,
    configured: {},
    environment: {
      github: { environment: 'prod-eu', workflow: null, job: null, inputs: {} },
    },
    action: 'promote',
    release: { sha, version: 'v1.2.0' },
    deploymentId: 'dep_1',
    approval: { text: 'c2lnbmVk', id: 'apr_1' },
    mostInputs: 25,
    ...changes,
  })
}

const messages = (result: ReturnType<typeof plan>) => result.problems.map(({ message }) => message)

describe('what inputs get', () => {
  it('fills the ones whose name says what they are for, and no other', () => {
    const names = 'environment version commit deployment_id action approval approval_id skip_tests'
    const result = plan(declared(...names.split(' ').map((name) => `${name}: {}`)))
    expect(result).toEqual({
      inputs: {
        environment: 'prod-eu',
        version: 'v1.2.0',
        commit: sha,
        deployment_id: 'dep_1',
        action: 'promote',
        approval: 'c2lnbmVk',
        approval_id: 'apr_1',
      },
      carriedBy: 'input',
      idInputs: ['deployment_id'],
      problems: [],
    })
  })

  it('sends nothing that the workflow does not declare', () => {
    expect(plan(declared('environment: {}')).inputs).toEqual({ environment: 'prod-eu' })
  })

  it.each(['commit', 'sha', 'ref'])('gives %s the whole commit', (name) => {
    const result = plan(declared(`${name}: {}`))
    expect(result).toMatchObject({ inputs: { [name]: sha }, carriedBy: 'input' })
  })

  it('gives a version that stands alone the whole commit, since a tag can be moved', () => {
    const result = plan(declared('version: {}'))
    expect(result).toMatchObject({ inputs: { version: sha }, carriedBy: 'input' })
  })

  it('leaves out an approval that nobody gave', () => {
    const result = plan(declared('sha: {}', 'approval: {}', 'approval_id: {}'), { approval: null })
    expect(result.inputs).toEqual({ sha })
  })

  it('takes the configuration before names, and the environment before the project', () => {
    const result = plan(declared('target: {}', 'tag: {}', 'id: {}', 'environment: {}'), {
      configured: { tag: '{{version}}', target: 'nowhere', id: 'gonogo {{ deployment_id }}' },
      environment: {
        github: {
          environment: 'prod-eu',
          workflow: null,
          job: null,
          inputs: { target: '{{environment}}-1', environment: 'fixed' },
        },
      },
    })
    expect(result).toEqual({
      inputs: { target: 'prod-eu-1', tag: 'v1.2.0', id: 'gonogo dep_1', environment: 'fixed' },
      carriedBy: 'input',
      idInputs: ['id'],
      problems: [],
    })
  })

  it('says when only the ref can carry the commit', () => {
    expect(plan(declared('environment: {}', 'action: {}')).carriedBy).toBe('ref')
    const fixed = plan(declared('ref: {}'), { configured: { ref: 'main' } })
    expect(fixed).toMatchObject({ inputs: { ref: 'main' }, carriedBy: 'ref' })
  })
})

describe('what would be refused', () => {
  it('names the choice that does not exist, and those that do', () => {
    const result = plan(
      declared(
        'sha: {}',
        'environment: {type: choice, options: [staging, production]}',
        'action: {type: choice, options: [deploy, promote]}',
      ),
    )
    expect(messages(result)).toEqual([
      'input environment would get "prod-eu", and takes only staging, production',
    ])
  })

  it('checks booleans and numbers', () => {
    const result = plan(
      declared('sha: {}', 'yes: {type: boolean}', 'no: {type: boolean}', 'n: {type: number}'),
      { configured: { yes: 'true', no: 'no', n: '3 pods' } },
    )
    expect(messages(result)).toEqual([
      'input no would get "no", and takes only true or false',
      'input n would get "3 pods", and takes only a number',
    ])
  })

  it('names what is required and has neither a value nor a default', () => {
    const result = plan(
      declared(
        'sha: {}',
        'region: {required: true}',
        'size: {required: true, default: small}',
        "suffix: {required: true, default: ''}",
        'note: {}',
      ),
    )
    expect(messages(result)).toEqual(['input region is required and gets no value'])
  })

  it('names a configured input that the workflow does not declare', () => {
    const result = plan(declared('sha: {}'), { configured: { regoin: 'eu' } })
    expect(result.problems).toEqual([
      {
        input: 'regoin',
        message: 'input regoin is configured, and the workflow does not declare it',
      },
    ])
  })

  it('counts inputs, fewer on GitHub Enterprise Server, and their size', () => {
    const names = Array.from({ length: 11 }, (_, index) => `i${index}`)
    const many = declared('sha: {}', ...names.map((name) => `${name}: {}`))
    const configured = Object.fromEntries(names.map((name) => [name, 'x']))
    expect(messages(plan(many, { configured }))).toEqual([])
    expect(messages(plan(many, { configured, mostInputs: 10 }))).toEqual([
      '12 inputs would be sent, and this GitHub takes 10',
    ])
    const approval = { text: 'x'.repeat(65_600), id: 'apr_1' }
    expect(messages(plan(declared('sha: {}', 'approval: {}'), { approval }))).toEqual([
      expect.stringMatching(/^the inputs have 65\d{3} characters, and GitHub takes 65535$/),
    ])
  })
})
