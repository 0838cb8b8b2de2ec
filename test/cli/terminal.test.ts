import { expect, it } from 'vitest'
import type { Surface } from '../../src/cli/surface.ts'
import { canRedraw, columnsOf, sizeOf } from '../../src/cli/terminal.ts'

const stream = (isTTY: boolean, columns?: number) =>
  ({ isTTY, columns, rows: columns && 10 }) as NodeJS.WriteStream
const surface = (isTTY: boolean, TERM?: string) =>
  ({ err: stream(isTTY), env: { TERM } }) as unknown as Surface

it('lines are as wide as the terminal, 80 where it does not tell, and free in a pipe', () => {
  expect(columnsOf(stream(true, 132))).toBe(132)
  expect(columnsOf(stream(true))).toBe(80)
  expect(columnsOf(stream(false, 132))).toBe(Infinity)
  expect(sizeOf(stream(true))).toEqual({ columns: 80, rows: 24 })
})

it('lines are drawn over only where somebody looks at a terminal that can', () => {
  expect(canRedraw(surface(true, 'xterm'), {})).toBe(true)
  expect(canRedraw(surface(false, 'xterm'), {})).toBe(false)
  expect(canRedraw(surface(true, 'dumb'), {})).toBe(false)
  expect(canRedraw(surface(true, 'xterm'), { json: true })).toBe(false)
  expect(canRedraw(surface(true, 'xterm'), { quiet: true })).toBe(false)
})
