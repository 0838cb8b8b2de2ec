import { describe, expect, it } from 'vitest'
import { canonicalJson, toJson } from '../../src/core/canonical.ts'

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units, where a surrogate pair comes before U+FB33', () => {
    const shuffled = {
      '\ufb33': 'dalet with dagesh',
      '😀': 'smiley',
      '€': 'euro',
      ö: 'o with diaeresis',
      '\u0080': 'control',
      a: 'a',
      B: 'B',
      1: 'one',
      '\r': 'return',
    }
    expect(canonicalJson(shuffled)).toBe(
      '{"\\r":"return","1":"one","B":"B","a":"a","\u0080":"control","ö":"o with diaeresis",' +
        '"€":"euro","😀":"smiley","\ufb33":"dalet with dagesh"}',
    )
  })

  it('sorts at every depth, keeps the order of lists and adds no white space', () => {
    const value = { b: [{ z: 1, y: [3, 1, 2] }], a: { d: null, c: true } }
    expect(canonicalJson(value)).toBe('{"a":{"c":true,"d":null},"b":[{"y":[3,1,2],"z":1}]}')
  })

  it.each<[number, string]>([
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [-1.5, '-1.5'],
    [1e21, '1e+21'],
    [999999999999999900000, '999999999999999900000'],
    [1e-7, '1e-7'],
    [0.000001, '0.000001'],
    [333333333.3333333, '333333333.3333333'],
    [4.5, '4.5'],
    [5e-324, '5e-324'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('writes the number %d as ECMAScript does', (number, text) => {
    expect(canonicalJson(number)).toBe(text)
  })

  it('escapes what JSON must escape and nothing else', () => {
    expect(canonicalJson('\u20ac$\u000F\nA\'B"\\"/\u2028é')).toBe(
      String.raw`"€$\u000f\nA'B\"\\\"/` + '\u2028é"',
    )
  })

  it('does not depend on the order in which an object was built', () => {
    expect(canonicalJson({ x: 1, y: 2 })).toBe(canonicalJson({ y: 2, x: 1 }))
  })

  it('leaves out properties that are undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  it.each<[string, unknown]>([
    ['NaN', NaN],
    ['infinity', -Infinity],
    ['undefined', undefined],
    ['undefined in a list', [undefined]],
    ['a function', { run: () => 1 }],
    ['a bigint', 1n],
    ['a symbol', Symbol('x')],
    ['a date', { at: new Date(0) }],
    ['a map', new Map([['a', 1]])],
    ['bytes', new Uint8Array([1])],
  ])('refuses %s, which would be signed as something else', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError)
  })
})

describe('toJson', () => {
  it('copies what JSON carries and drops the rest', () => {
    const original = { a: [1, { b: 'x' }], drop: undefined, run: () => 1 }
    const copy = toJson(original)
    expect(copy).toEqual({ a: [1, { b: 'x' }] })
    expect(toJson(undefined)).toBeNull()
    original.a.push(2)
    expect(copy).toEqual({ a: [1, { b: 'x' }] })
  })
})
