import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // No module of src holds state, so files can share a process; that is most of the suite's speed.
    isolate: false,
    pool: 'forks',
    globalSetup: ['test/support/temporary-files.ts'],
    execArgv: ['--import', new URL('test/support/json-imports.ts', import.meta.url).href],
    // One more than the cores of a small machine: many tests wait for processes more than they compute.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
