import { createLocalPipeline } from '../../../src/adapters/local/pipeline.ts'
import { pipelineContract } from '../../support/pipeline-contract.ts'
import { createBench, step } from './harness.ts'

const scripts = {
  succeeds: 'echo deployed it',
  fails: 'exit 3',
  'goes-on': 'sleep 300',
}

/** What ran says so itself, outside of its own log. */
const switching = (script: string) =>
  step('Switch', `echo "$GONOGO_DEPLOYMENT_ID" >> "$WITNESS"; ${script}`)

pipelineContract('local', async () => {
  const bench = await createBench()
  return {
    pipeline: bench.pipeline,
    other: () => createLocalPipeline(bench.deps),
    environment: bench.environment(),
    request: (how) => bench.request(bench.environment({ activate: [switching(scripts[how])] })),
    runs: async (id) => (await bench.witnesses()).filter((line) => line === id).length,
    pass: async () => undefined,
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  }
})
