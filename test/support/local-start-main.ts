// A process that starts a local run and prints what came of it: argv holds the request as JSON.
import { createLocalPipeline } from '../../src/adapters/local/pipeline.ts'
import { allowedEnvironment } from '../../src/adapters/process/environment.ts'
import { createProcesses } from '../../src/adapters/process/processes.ts'
import { createRuntime } from '../../src/adapters/runtime/runtime.ts'

const { request, ...places } = JSON.parse(process.argv[2]!)

const pipeline = createLocalPipeline({
  ...places,
  runtime: createRuntime(),
  processes: createProcesses(),
  baseEnvironment: allowedEnvironment(),
  ownEnvironment: process.env,
})
console.log(JSON.stringify(await pipeline.start(request)))
