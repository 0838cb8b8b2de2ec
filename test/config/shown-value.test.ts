import { expect, test } from 'vitest'
import { shownValue } from '../../src/config/shown-value.ts'

function shownRun(...run: string[]): unknown {
  return shownValue(['tests', 0, 'run'], run)
}

test.each([
  [['sh', '-c', "TOKEN='s3cret one' deploy"]],
  [['sh', '-c', 'export DB_PASSWORD="s3cret"; deploy']],
  [['sh', '-c', 'deploy --token s3cret && deploy --password "s3cret"']],
  [['curl', '-d', '{"password":"s3cret"}']],
  [['curl', '-H', 'Authorization: token s3cret']],
  [['curl', '-H', 'Cookie: id=s3cret']],
  [['curl', '-u', 'me:s3cret']],
  [['curl', 'https://me:a@s3cret@x.test/?key=s3cret']],
  [['curl', 'https://x.test/?token=s3cret&x=s3cret']],
  [['deploy', '--password=s3cret s3cret']],
  [['deploy', '--pat', 's3cret']],
  [['deploy', 'GH_PAT=s3cret']],
  [['deploy', 'ghp_s3cret00000000000000']],
])('%j is shown without its secret', (run) => {
  const shown = JSON.stringify(shownRun(...run))
  expect(shown).toContain('(set')
  expect(shown).not.toContain('s3cret')
})

test('what is no secret is shown', () => {
  const run = ['docker', 'run', '--user', '1000:1000', '--path', '/srv/a', 'npm test -- --token']
  expect(shownRun(...run)).toEqual({ value: run })
  expect(shownRun('curl', 'https://me:x@x.test/a?b=c')).toEqual({
    value: ['curl', 'https://(set)@x.test/a?b=(set, 1 characters)'],
  })
})
