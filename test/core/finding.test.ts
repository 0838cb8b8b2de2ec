import { describe, expect, it } from 'vitest'
import { findingBlockers, summarize, type Finding, type Severity } from '../../src/core/finding.ts'

const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
const original = { critical: 0, high: 3 }

function finding(severity: Severity): Finding {
  return { severity } as Finding
}

describe('findingBlockers', () => {
  it.each([
    ['nothing', {}, 0],
    ['one critical finding', { critical: 1 }, 1],
    ['3 high findings', { high: 3 }, 0],
    ['4 high findings', { high: 4 }, 1],
    ['any number of lesser ones', { medium: 99, low: 99, info: 99 }, 0],
    ['both', { critical: 2, high: 9 }, 2],
  ])('of %s', (_, counts, blockers) => {
    expect(findingBlockers({ ...none, ...counts }, original)).toHaveLength(blockers)
  })

  it('says how many and how many are allowed', () => {
    expect(findingBlockers({ ...none, high: 4 }, original)).toEqual([
      '4 high finding(s), more than the 3 allowed',
    ])
  })

  it('follows the configured thresholds', () => {
    expect(findingBlockers({ ...none, critical: 1, high: 1 }, { critical: 1, high: 0 })).toEqual([
      '1 high finding(s), more than the 0 allowed',
    ])
  })
})

describe('summarize', () => {
  it('counts by severity, absent ones as zero', () => {
    const findings = (['high', 'high', 'info'] as const).map(finding)
    expect(summarize(findings)).toEqual({ ...none, high: 2, info: 1 })
    expect(summarize([])).toEqual(none)
  })
})
