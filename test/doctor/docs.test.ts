import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { drill } from '../../src/doctor/drill/drill.ts'
import { areas, findingAreas } from '../../src/doctor/finding.ts'
import { makeWorld } from '../support/fake-context.ts'

const docs = readFileSync(join(import.meta.dirname, '../../docs/doctor.md'), 'utf8')

/** The rows below each heading: the finding, what it means, what mends it. */
function rows(): { title: string; cells: string[] }[] {
  return docs
    .split('\n## ')
    .slice(1)
    .flatMap((section) =>
      section
        .split('\n')
        .filter((line) => line.startsWith('| `'))
        .map((line) => ({
          title: section.split('\n')[0]!,
          cells: line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        })),
    )
}

it('every finding is explained below its area, and nothing else is', () => {
  const wanted = Object.entries(findingAreas).map(([id, area]) => `${areas[area]}: \`${id}\``)
  expect(rows().map(({ title, cells }) => `${title}: ${cells[0]}`)).toEqual(wanted)
})

it('every finding says what it means and what mends it', () => {
  for (const { cells } of rows()) {
    const [, means = '', mends = ''] = cells
    expect(means).toMatch(/^\S.{15,}\.$/)
    // A command, a key, or the page that explains it.
    expect(mends).toMatch(/`[^`]+`|\]\(/)
  }
})

const run = () => Promise.reject(new Error('no programs here'))

it('every step of the drill is listed, in order', async () => {
  const { call, directory } = makeWorld()
  const steps = await drill({ call, directory, env: {}, command: [], processes: { run } })
  const listed = [...docs.matchAll(/^\d\. `(\w+)`/gm)].map(([, id]) => id)
  expect(listed).toEqual(steps.map(({ id }) => id))
})
