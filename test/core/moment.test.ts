import { expect, it } from 'vitest'
import { relativeTime } from '../../src/core/moment.ts'

const now = 1_000_000_000_000
const [s, min, h, day] = [1000, 60_000, 3_600_000, 86_400_000]

it.each([
  [0, 'just now'],
  [-4.9 * s, 'just now'],
  [-42.9 * s, '42 s ago'],
  [-3.9 * min, '3 min ago'],
  [-59.9 * min, '59 min ago'],
  [-47 * h, '47 h ago'],
  [-3.5 * day, '3 days ago'],
  [1 * s, 'in a moment'],
  [59 * s, 'in 59 s'],
  [28.9 * min, 'in 28 min'],
  [1.5 * h, 'in 1 h'],
])('a moment %i ms away is %j', (distance, text) => {
  expect(relativeTime(now + distance, now)).toBe(text)
})
