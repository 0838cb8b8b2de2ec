import { expect, it } from 'vitest'
import { Failure } from '../../../src/core/failure.ts'
import type { Call } from '../../../src/ports/context.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'

const endless = {
  name: 'endless',
  run: ['endless'],
  url: null,
  timeout_seconds: 60,
  environments: [],
  requirement: 'required' as const,
}

it('a result that cannot be kept ends what the other checks still do', async () => {
  const { call } = makeWorld({ project: fakeProject({ custom_checks: [endless] }) })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const processes: Call['processes'] = {
    ...call.processes,
    run: async (_argv, options) =>
      await new Promise((_, fail) => {
        options?.signal?.addEventListener('abort', () => {
          end()
          fail(new Error('told to end'))
        })
      }),
  }
  const full = new Failure({ code: 'store_unavailable', message: 'disk full', hint: 'make room' })
  const store: Call['store'] = { ...call.store, write: async () => Promise.reject(full) }
  const validation = validateDeployment.call(
    { environment: 'staging', git_ref: 'v1' },
    { ...call, processes, store },
  )
  await expect(validation).rejects.toThrow('disk full')
  await ended
})
