import { describe, expect, it } from 'vitest'
import { logTail, nearest, oneLine, sanitize, tailLines } from '../../src/core/text.ts'

const esc = '\u001b'
const bell = '\u0007'

describe('sanitize', () => {
  it.each<[string, string, string]>([
    ['colours', `${esc}[31;1mred${esc}[0m`, 'red'],
    ['cursor movement', `safe${esc}[2K${esc}[1Aevil`, 'safeevil'],
    ['a title', `a${esc}]0;title${bell}b`, 'ab'],
    ['a link', `${esc}]8;;https://evil.example${esc}\\text${esc}]8;;${esc}\\`, 'text'],
    ['a title that never ends', `a${esc}]0;rest of it`, 'a'],
    ['a short sequence', `a${esc}cb`, 'ab'],
    ['a lone escape at the end', `a${esc}`, 'a'],
    ['an escape before a line end', `a${esc}\nb`, 'a\nb'],
    ['nested sequences', `${esc}${esc}[31m[31mx`, '[31m[31mx'],
    ['one-byte sequences', '\u009b31mx', '31mx'],
    ['carriage returns', 'approved\rdenied', 'approveddenied'],
    ['backspaces', 'v1.2\b3', 'v1.23'],
    ['bidirectional overrides', 'user\u202egpj.exe\u202c', 'usergpj.exe'],
    ['isolates', '\u2066a\u2069', 'a'],
    ['zero width', 'pay\u200bpal\ufeff', 'paypal'],
    ['line separators', 'a\u2028b\u2029c', 'abc'],
    ['null', 'a\0b', 'ab'],
    ['half of a character', 'a\ud800b', 'a\ufffdb'],
    ['an escape before two halves', `a${esc}\u{1f600}b`, 'ab'],
    ['what two halves would come to', '\udb40\u200b\udc01', '\ufffd\ufffd'],
  ])('takes out %s', (_, text, safe) => {
    expect(sanitize(text)).toBe(safe)
  })

  it('keeps tabs, newlines and every script', () => {
    const text = 'a\tb\nÄ 漢字 שלום 😀'
    expect(sanitize(text)).toBe(text)
  })

  it('leaves nothing behind that another pass would take out', () => {
    const parts = [esc, '[', ']', '0;', 'm', bell, '\\', '\n', 'x', '\u202e', '\u009b']
    let seed = 7
    const pick = () => parts[(seed = (seed * 1103515245 + 12345) % 2147483648) % parts.length]!
    for (let round = 0; round < 2000; round++) {
      const safe = sanitize(Array.from({ length: 12 }, pick).join(''))
      expect(safe).not.toMatch(/(?![\t\n])[\p{Cc}\p{Cf}]/u)
      expect(sanitize(safe)).toBe(safe)
    }
  })
})

describe('oneLine', () => {
  it('joins lines, trims, and says what was cut', () => {
    expect(oneLine('  a\n\n b\tc ')).toBe('a b c')
    expect(oneLine('abcdef', 6)).toBe('abcdef')
    expect(oneLine('abcdefg', 6)).toBe('abcde…')
    expect(oneLine('x'.repeat(300))).toHaveLength(200)
  })
})

describe('tailLines', () => {
  it('gives the last lines without the empty ones at the end', () => {
    expect(tailLines('1\n2\n3\n\n\n', 2, 100)).toEqual(['2', '3'])
    expect(tailLines('', 20, 100)).toEqual([])
    expect(tailLines('a\n\nb', 20, 100)).toEqual(['a', '', 'b'])
  })

  it('shortens long lines until all fit the budget', () => {
    const text = Array.from({ length: 30 }, (_, index) => `${index} ${'x'.repeat(500)}`).join('\n')
    const lines = tailLines(text, 20, 900)
    expect(lines).toHaveLength(20)
    expect(lines.join('').length).toBeLessThanOrEqual(900)
    expect(lines.at(-1)).toMatch(/^29 x+…$/)
  })

  it('leaves short lines whole beside a long one', () => {
    const lines = tailLines(`short\n${'x'.repeat(2000)}\nlast`, 20, 300)
    expect(lines[0]).toBe('short')
    expect(lines[1]).toHaveLength(100)
    expect(lines[2]).toBe('last')
  })

  it('sanitises each line', () => {
    expect(tailLines(`${esc}[31mred${esc}[0m\r\nnext  `, 20, 100)).toEqual(['red', 'next'])
  })
})

describe('logTail', () => {
  const log = ['== prepare: build ==', 'a', '== activate: restart ==', 'b', 'c', 'd'].join('\n')

  it('begins with the heading of the step whose lines it shows', () => {
    expect(logTail(log, 3, 100)).toEqual(['== activate: restart ==', 'c', 'd'])
  })

  it.each([
    ['the heading is among the lines', log, 4, ['== activate: restart ==', 'b', 'c', 'd']],
    ['there is none', 'a\nb\nc', 2, ['b', 'c']],
    ['there is nothing', '', 2, []],
  ])('is the end as it is when %s', (_, text, count, lines) => {
    expect(logTail(text, count, 100)).toEqual(lines)
  })
})

describe('nearest', () => {
  const known = ['staging', 'production', 'skip_tests']

  it.each([
    ['stagin', 'staging'],
    ['Production', 'production'],
    ['skiptests', 'skip_tests'],
    ['prodcution', 'production'],
  ])('reads %s as %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant)
  })

  it('does not guess wildly', () => {
    expect(nearest('qa', known)).toBeUndefined()
    expect(nearest('', [])).toBeUndefined()
  })
})
