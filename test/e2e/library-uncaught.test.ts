import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { mainFile } from '../support/clinic.ts'

it('a program that catches nothing shows the failure, and not half of gonogo', () => {
  const library = pathToFileURL(join(dirname(mainFile), 'index.js')).href
  const program = `import { createGonogo } from '${library}'
    await createGonogo({ project: '/nowhere/to/be/found' })`
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  expect(stderr).toContain('Failure: the project directory /nowhere/to/be/found cannot be read')
  expect(stderr.length).toBeLessThan(3000)
})
