import { expect, it } from 'vitest'
import { evaluate, type Scope } from '../../../../src/adapters/github/workflow/evaluate.ts'
import { evaluateText } from '../../../../src/adapters/github/workflow/text.ts'
import {
  jsonOf,
  known,
  partial,
  settled,
  unknown,
  type Value,
} from '../../../../src/adapters/github/workflow/value.ts'

const scope: Scope = {
  contexts: {
    inputs: known({ on: true, off: false, name: 'Staging', list: ['a', 'b'] }),
    vars: unknown('vars'),
    needs: partial({
      a: partial({
        result: known('success'),
        outputs: partial({ x: unknown('needs.a.outputs.x') }),
      }),
      b: partial({ result: known('skipped'), outputs: partial({}) }),
    }),
  },
  status: { success: known(false), failure: known(false), cancelled: known(false) },
}

/** Plain JSON, or what would have to be known; with `!` or `?` for what it counts as. */
function told(value: Value): unknown {
  const all = settled(value)
  if (all.kind === 'known') return jsonOf(all)
  return `${all.why}${all.truth === null ? '' : all.truth ? ' (true)' : ' (false)'}`
}

it.each([
  // Both sides known: GitHub's own evaluator.
  ["inputs.name == 'STAGING'", true],
  ["contains(inputs.list, 'B') && format('{0}-{1}', inputs.name, 1)", 'Staging-1'],
  ["inputs.on && 'yes' || 'no'", 'yes'],
  ['inputs.missing', null],
  ['fromJSON(\'{"a": [1, 2]}\').a[1]', 2],
  ['toJSON(inputs.list) == \'[\n  "a",\n  "b"\n]\'', true],
  // Not all known.
  ["vars.X == 'y'", 'vars.X'],
  ["vars.X == 'y' && inputs.on", 'vars.X'],
  ['vars.X || inputs.off', 'vars.X'],
  ['inputs.on && vars.X', 'vars.X'],
  ["vars.X && 'production' || 'staging'", 'vars.X (true)'],
  ['!vars.X', 'vars.X'],
  ["format('{0}', vars.X)", 'vars.X'],
  ['vars', 'vars'],
  ['steps.a.outputs.b', 'steps.a.outputs.b'],
  ["hashFiles('**')", 'hashFiles()'],
  // Known all the same.
  ['vars.X && inputs.off', 'vars.X (false)'],
  ['!(vars.X && inputs.off)', true],
  ['inputs.off && vars.X', false],
  ['inputs.on || vars.X', true],
  ["contains(needs.*.result, 'failure')", false],
  ["contains(needs.*.result, 'skipped')", true],
  ['join(needs.*.result)', 'success,skipped'],
  ['needs.b.outputs.x', null],
  ['needs.a.outputs.undeclared', null],
  ['needs.nobody.result', null],
  ['needs.a.outputs.x', 'needs.a.outputs.x'],
  ['always() && !failure() && !success()', true],
  ['no expression', '"no expression", which is no expression'],
])('%s', (source, expected) => {
  expect(told(evaluate(source, scope))).toEqual(expected)
})

it('a text is put together, and a lone expression keeps its type', () => {
  expect(told(evaluateText('to ${{ inputs.name }}, ${{ inputs.on }}', scope))).toBe(
    'to Staging, true',
  )
  expect(told(evaluateText('${{ inputs.on }}', scope))).toBe(true)
  expect(told(evaluateText("${{ '}}' }}", scope))).toBe('}}')
  expect(told(evaluateText('${{ inputs.on', scope))).toBe('${{ inputs.on')
  expect(told(evaluateText('a ${{ vars.X }}', scope))).toBe('vars.X')
})

const tenfold = (inner: string) => `format('${'{0}'.repeat(10)}', ${inner})`

it('a text that grows with every call is given up', () => {
  const endless = Array.from({ length: 7 }).reduce<string>(tenfold, "'xxxxxxxxxx'")
  expect(told(evaluate(endless, scope))).toBe('a text without end')
})
