import { expect, it } from 'vitest'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()

const yaml = (head: string, ...rules: string[]) =>
  [
    'project: p',
    head,
    'environments:',
    '  production:',
    '    variables:',
    ...rules.map((rule) => `      ${rule}`),
  ].join('\n')

it('takes rules as they are written in YAML', async () => {
  const root = directory()
  const text = yaml(
    'pipeline: github',
    'DEBUG: { must_be: off, in: variable }',
    'ORIGINS: { format: origins, wildcard: allowed }',
    'API_TOKEN: { in: secret }',
    'SMOKE_PASSWORD: { in: local, min_length: 12 }',
  )
  put(root, 'gonogo.yaml', text)
  const { project } = await load(root)
  expect(project.environments[0]!.variables).toMatchObject({
    DEBUG: { must_be: 'off', in: 'variable', format: 'text', wildcard: 'auto' },
    ORIGINS: { format: 'origins', wildcard: 'allowed', must_be: 'any', in: 'any' },
    API_TOKEN: { in: 'secret' },
    SMOKE_PASSWORD: { in: 'local', min_length: 12 },
  })
})

it('refuses a key of a rule that nothing would read', async () => {
  const text = yaml(
    'pipeline: local',
    'PORT: { format: integer, must_be: off }',
    'ORIGINS: { wildcard: refused }',
    'TOKEN: { in: secret }',
    'FINE: { in: local, format: boolean, must_be: on }',
  )
  const problems = await problemsOf(directory(), text)
  const variables = 'environments.production.variables'
  expect(problems.filter((line) => line.includes('.variables.'))).toEqual([
    `gonogo.yaml:6: ${variables}.PORT.must_be is for format: boolean`,
    `gonogo.yaml:7: ${variables}.ORIGINS.wildcard is for format: origins`,
    `gonogo.yaml:8: ${variables}.TOKEN.in is for pipeline: github, which is not set`,
  ])
})
