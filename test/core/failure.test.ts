import { expect, it } from 'vitest'
import { Failure, toFailure } from '../../src/core/failure.ts'
import { principalLabel } from '../../src/core/principal.ts'
import {
  findEnvironment,
  predecessorOf,
  productionOf,
  type Project,
} from '../../src/core/project.ts'

it('passes a failure on as it is', () => {
  const failure = new Failure({ code: 'blocked', message: 'm', hint: 'h', details: { id: 1 } })
  expect(toFailure(failure)).toBe(failure)
  expect(failure).toMatchObject({ name: 'Failure', retryable: false, details: { id: 1 } })
})

it('makes a defect of anything else that is thrown, and keeps it as the cause', () => {
  const error = new TypeError('x is not a function')
  expect(toFailure(error)).toMatchObject({
    code: 'internal',
    message: 'unexpected error: x is not a function',
    cause: error,
  })
  expect(toFailure('text').message).toBe('unexpected error: text')
})

it('labels who acts by kind and name', () => {
  expect(principalLabel({ kind: 'agent', name: 'claude-code' })).toBe('agent:claude-code')
})

it('finds environments by name and by order', () => {
  const environments = ['dev', 'staging', 'production'].map((name) => ({ name }))
  const project = { environments } as Project
  expect(productionOf(project)?.name).toBe('production')
  expect(predecessorOf(project, 'production')?.name).toBe('staging')
  expect(predecessorOf(project, 'dev')).toBeUndefined()
  expect(predecessorOf(project, 'qa')).toBeUndefined()
  expect(findEnvironment(project, 'staging')?.name).toBe('staging')
  expect(productionOf({ environments: [] as Project['environments'] } as Project)).toBeUndefined()
})
