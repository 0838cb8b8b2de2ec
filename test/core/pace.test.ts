import { describe, expect, it } from 'vitest'
import { lookEveryMs, nextLook } from '../../src/core/pace.ts'

const pace = { least: 3000, most: 30_000 }
const minutes = (count: number) => count * 60_000

describe('how soon a run is looked at again', () => {
  it('is soon at first and later the longer it takes, when nobody knows how long it takes', () => {
    const waits = [0, 1, 2, 4, 30].map((after) => nextLook(pace, minutes(after), null))
    expect(waits).toEqual([3000, 6000, 12_000, 24_000, 30_000])
  })

  it('comes closer around the moment it usually ends', () => {
    const wait = (elapsed: number) => nextLook(pace, elapsed, minutes(10))
    expect(wait(minutes(5))).toBe(30_000)
    expect(wait(minutes(9.5))).toBe(15_000)
    expect(wait(minutes(9.95))).toBe(3000)
    expect(wait(minutes(10.1))).toBe(3000)
  })

  it('is late again when it is long overdue', () => {
    expect(nextLook(pace, minutes(20), minutes(10))).toBe(30_000)
  })

  it('looks at a ten-minute run some forty times, not two hundred', () => {
    let looks = 0
    for (let at = 0; at < minutes(10); at += nextLook(pace, at, minutes(10))) looks++
    expect(looks).toBeGreaterThan(10)
    expect(looks).toBeLessThan(45)
  })

  it('never leaves its bounds where they are the same', () => {
    const fixed = { least: 500, most: 500 }
    expect([0, 500, 1e6].map((at) => nextLook(fixed, at, 400))).toEqual([500, 500, 500])
  })
})

describe('how often somebody looks who only watches', () => {
  it('is each second, or as often as it is worth', () => {
    expect(lookEveryMs(undefined)).toBe(1000)
    expect(lookEveryMs({ least: 500, most: 500 })).toBe(1000)
    expect(lookEveryMs(pace)).toBe(3000)
  })
})
