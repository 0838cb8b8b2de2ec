import { expect, test } from 'vitest'
import { npmMessage, readAudit } from '../../../src/adapters/scanners/npm-report.ts'

function audit(fixAvailable: unknown, changes: object = {}) {
  const via = {
    source: 1,
    name: 'lodash',
    title: 'Prototype\u001b[31m \u202ePollution',
    url: 'https://registry.invalid/advisories/1',
    severity: 'high',
    range: '<4.17.19',
    ...changes,
  }
  const entry = { via: [via, 'minimist'], nodes: ['node_modules/lodash'], fixAvailable }
  const report = {
    auditReportVersion: 2,
    vulnerabilities: { lodash: entry },
    metadata: { dependencies: { total: 7 } },
  }
  const outcome = readAudit(JSON.stringify(report), {}, 'package-lock.json')
  if ('problem' in outcome) throw new Error(outcome.problem)
  return outcome.findings[0]
}

test.each([
  [{ name: 'lodash', version: '4.17.21' }, '4.17.21', 'updating lodash to 4.17.21'],
  [{ name: 'wrapper', version: '2.0.0' }, null, 'updating wrapper to 2.0.0'],
  [true, null, 'npm audit fix'],
  [false, null, 'no update'],
])('a fix of %j', (fixAvailable, fixed_version, words) => {
  expect(audit(fixAvailable)).toMatchObject({
    fixed_version,
    description: expect.stringContaining(words),
  })
})

test('an advisory outside of GitHub keeps its number, a new severity word counts as high', () => {
  expect(audit(false, { severity: 'apocalyptic' })).toMatchObject({
    id: 'npm:1',
    severity: 'high',
    title: 'Prototype Pollution',
    // The lock file is of a version that does not say what is only for development.
    scope: null,
  })
})

test('what npm says carries no password of a registry', () => {
  expect(npmMessage('GET https://ada:hunter2@registry.invalid/x\u001b[31m failed')).toBe(
    'GET https://***@registry.invalid/x failed',
  )
})
