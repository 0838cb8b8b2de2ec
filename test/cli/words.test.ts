import { expect, it } from 'vitest'
import { inCliWords } from '../../src/cli/words.ts'

it.each([
  ['call list_deployments to see the ids', 'run gonogo list to see the ids'],
  ['rollback_deployment staging with a reason', 'gonogo rollback staging --reason TEXT'],
  ['call again with approval_token apr_1', 'call again with --approval-token apr_1'],
  ['run gonogo hold list', 'run gonogo hold list'],
])('says %j as a command that can be typed', (asATool, asACommand) => {
  expect(inCliWords(asATool)).toBe(asACommand)
})
