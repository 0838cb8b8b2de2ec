import { expect, it } from 'vitest'
import { progressText } from '../../../src/cli/live/progress-line.ts'

it.each([
  [['scan: secrets', 1, 4], '[████░░░░░░░░░░░░] 1/4  scan: secrets'],
  [['done', 4, 4], '[████████████████] 4/4  done'],
  // A bar that can only be empty or gone says nothing.
  [['tests: unit', 0, 1], 'tests: unit'],
  [['looking'], 'looking'],
  [['\u001b[2Ja\nb', 0], 'a b'],
] as [[string, number?, number?], string][])('%j is shown as %j', (args, text) => {
  expect(progressText(...args)).toBe(text)
})
