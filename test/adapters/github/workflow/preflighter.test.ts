import { describe, expect, it } from 'vitest'
import { preflightVerdict } from '../../../../src/core/preflight.ts'
import { examineText } from './preflight.ts'

describe('syntax', () => {
  it.each([
    ['a key GitHub does not know', 'on: push\njobs:\n  a:\n    runs-on: x\n    stpes: []\n', 5, 5],
    ['no YAML at all', 'on: push\njobs: [\n', 3, 1],
    [
      'two jobs that need each other',
      'on: push\njobs:\n  a: { runs-on: x, needs: b, steps: [run: "true"] }\n  b: { runs-on: x, needs: a, steps: [run: "true"] }\n',
      0,
      0,
    ],
    [
      'a condition that may not see secrets',
      "on: push\njobs:\n  a:\n    runs-on: x\n    if: secrets.A == 'b'\n    steps: [run: 'true']\n",
      5,
      9,
    ],
  ])('%s is an error with its place', async (_name, text, line, column) => {
    const report = await examineText(text, { event: 'push' })
    const [first] = report.findings.filter(({ rule }) => rule === 'workflow-syntax')
    if (line > 0) expect(first).toMatchObject({ severity: 'error', line, column })
    else expect(first).toMatchObject({ severity: 'error' })
    expect(report.deploys).toEqual([])
    expect(report.jobs.filter(({ runs }) => runs !== false)).toEqual([])
  })

  it('deploys nothing, whatever the rest of the file says', async () => {
    const text = `on: workflow_dispatch\njobs:\n  a:\n    runs-on: x\n    environment: production\n    stpes: []\n    steps: [{ run: 'true' }]\n`
    const report = await examineText(text, { environment: 'production' })
    expect(report).toMatchObject({ deploys: [], jobs: [{ runs: false }] })
    const mended = await examineText(text.replace('    stpes: []\n', ''))
    expect(mended.deploys).toEqual(['production'])
  })

  it('makes nothing of files that are something else, or meant to harm', async () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefghi'.split('').map((name, index) => {
        const before = 'abcdefghi'[index]!
        return `${name}: &${name} [${`*${before}, `.repeat(9)}]`
      }),
    ].join('\n')
    for (const text of [
      '',
      'just text',
      '- 1\n- 2',
      '{}',
      'jobs: 3',
      'on: [push]\njobs: { a: [] }',
      bomb,
      '\0\0',
      '['.repeat(10_000),
    ]) {
      const report = await examineText(text)
      expect(report.deploys).toEqual([])
      expect(report.findings.length).toBeGreaterThan(0)
      expect(preflightVerdict(report, 'production')).toBe('does_not_deploy')
    }
  })

  it('shows no escape sequence of a file', async () => {
    const text =
      'on: workflow_dispatch\njobs:\n  a: { runs-on: x, steps: [run: "true"], environment: "pro\\x1b[31mduction", if: "github.x == \'\\x1b[2J\'" }\n'
    expect(JSON.stringify(await examineText(text))).not.toContain('u001b')
  })
})
