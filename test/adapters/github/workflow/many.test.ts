import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { examineText } from './preflight.ts'

const corpus = join(import.meta.dirname, 'corpus')
const reference = join(import.meta.dirname, '../../../../examples/workflows/cd.yml')

const texts = [
  readFileSync(reference, 'utf8'),
  ...['good', 'bad'].flatMap((directory) =>
    readdirSync(join(corpus, directory)).map((name) =>
      readFileSync(join(corpus, directory, name), 'utf8'),
    ),
  ),
]

/** What people change: other names, more jobs, other events. */
function variation(text: string, number: number): string {
  const more = Array.from({ length: number % 3 }, (_, index) =>
    [
      `  extra-${index}:`,
      '    runs-on: ubuntu-24.04',
      ...(index > 0 ? [`    needs: extra-${index - 1}`] : []),
      `    if: always() && github.run_attempt == ${index}`,
      '    strategy: { matrix: { node: [20, 22, 24], os: [linux, mac] } }',
      '    steps:',
      '      - uses: actions/checkout@v4',
      '      - run: npm test -- ${{ matrix.node }} ${{ inputs.version }}',
    ].join('\n'),
  )
  return `${text.replaceAll('ubuntu-24.04', `runner-${number}`)}\n${more.join('\n')}\n`
}

it('three hundred workflows are planned in a few seconds', async () => {
  const before = process.cpuUsage()
  let jobs = 0
  for (let number = 0; number < 300; number++) {
    const event = number % 3 === 0 ? 'push' : 'workflow_dispatch'
    const inputs = { environment: 'production', version: `v1.${number}` }
    const text = variation(texts[number % texts.length]!, number)
    const report = await examineText(text, { event, inputs, environment: 'production' })
    jobs += report.jobs.length
    expect(report.findings.filter(({ rule }) => rule === 'workflow-syntax')).toEqual([])
    expect(report.unknown.filter((line) => line.startsWith('the rule'))).toEqual([])
  }
  expect(jobs).toBeGreaterThan(1000)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(8)
})

function needing(at: number): string {
  const needs = Array.from({ length: Math.min(at, 20) }, (_, back) => `j${at - back - 1}`)
  return `  j${at}: { runs-on: x, needs: [${needs.join(', ')}], steps: [{ run: echo }] }`
}

/** Each calls the next one eight times. */
function calling(at: number): string {
  const call = (_: unknown, job: number) =>
    `  j${job}: { uses: ./.github/workflows/w${at + 1}.yml }`
  const jobs =
    at < 8 ? Array.from({ length: 8 }, call) : ['  j: { runs-on: x, steps: [{ run: echo }] }']
  return `on: { workflow_call: {}, workflow_dispatch: {} }\njobs:\n${jobs.join('\n')}\n`
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at)

/** More ways through a few jobs or files than anybody could go. */
const mazes = {
  'jobs that need each other': () => {
    const jobs = numbers(40).map(needing).join('\n')
    const last =
      '  deploy: { runs-on: x, needs: j39, environment: production, steps: [{ run: echo }] }'
    return { text: `on: workflow_dispatch\njobs:\n${jobs}\n${last}\n`, files: {} }
  },
  'workflows that call each other': () => {
    const named = numbers(9).map((at) => [`.github/workflows/w${at}.yml`, calling(at)])
    return { text: calling(0), files: Object.fromEntries(named) as Record<string, string> }
  },
}

it.each(Object.entries(mazes))(
  '%s a thousandfold are given up, or seen through',
  async (_, make) => {
    const before = process.cpuUsage()
    const { text, files } = make()
    const report = await examineText(text, { environment: 'production', files })
    expect(report.findings.length + report.unknown.length).toBeGreaterThan(0)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1e6).toBeLessThan(8)
  },
  20_000,
)
