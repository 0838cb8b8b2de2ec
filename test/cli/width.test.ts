import { describe, expect, it } from 'vitest'
import { fit, pad, widthOf, wrap } from '../../src/cli/width.ts'

const red = (text: string) => `\u001b[31m${text}\u001b[39m`
const id = 'dep_01m81r0gcaavwx8k0ktw9vcmmg'

describe('the width of a text', () => {
  it.each([
    ['plain', 5],
    ['', 0],
    [red('plain'), 5],
    ['配置', 4],
    ['🚀 up', 5],
    ['e\u0301', 1],
    ['✓ ▸ █', 5],
  ])('%j is %i', (text, width) => {
    expect(widthOf(text)).toBe(width)
    expect(widthOf(pad(text, 12))).toBe(12)
  })
})

describe('a line that is too long', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['配置配置', 6, '配置…'],
    ['配置配置', 5, '配置…'],
    [`${id} success`, 34, `${id} su…`],
    [`see ${id}`, 20, 'see …'],
    [`deploy  ${red(id)}`, 20, 'deploy  \u001b[31m\u001b[0m…'],
    ['abc', Infinity, 'abc'],
  ])('%j in %i cells is %j', (text, width, cut) => {
    expect(fit(text, width)).toBe(cut)
    expect(widthOf(cut)).toBeLessThanOrEqual(width)
  })

  it('ends its colour with it', () => {
    expect(fit(red('abcdef'), 4)).toBe('\u001b[31mabc\u001b[0m…')
  })
})

describe('a sentence that is too long', () => {
  it('goes on below, indented, and loses nothing', () => {
    const lines = wrap('  ✗ a reason that is told in full to the end', 20, '    ')
    expect(lines).toEqual(['  ✗ a reason that is', '    told in full to', '    the end'])
  })

  it('is never broken inside of a command or an id', () => {
    const text = `It is under way. Follow it with gonogo status ${id} --watch now`
    const lines = wrap(text, 40)
    expect(lines.join(' ')).toBe(text)
    expect(lines).toContain(`gonogo status ${id}`)
  })
})
