import { placeOf, type TestGroup } from '../survey/facts.ts'
import { uniqueName } from './decide.ts'
import type { DecidedTests } from './decide-tests.ts'
import { asComments, comment, flow, indented } from './text.ts'

const none = [
  '# No test command was found. Until there is one, no commit passes the check tests_passed:',
  ...asComments(['tests:', '  - { name: unit, run: [program, argument] }']),
]

/** The section `tests`. */
export function testLines({ groups, some }: DecidedTests): string[] {
  const taken = new Set<string>()
  const lines = groups.flatMap((group) => [...reasons(group), ...commandLines(group, taken)])
  if (!some) return [...none, ...lines]
  return [
    '# Run in this order, in a clean copy of the commit, with little more than PATH and HOME set.',
    'tests:',
    ...indented(lines),
  ]
}

function reasons(group: TestGroup): string[] {
  const { services, variables, inContainer, leftOut } = group
  const lines = [comment(sourceOf(group))]
  if (services.length > 0)
    lines.push(comment(`- the job starts these services: ${services.join(', ')}`))
  if (variables.length > 0)
    lines.push(comment(`- the job sets these variables: ${variables.join(', ')}`))
  if (inContainer)
    lines.push(comment('- the job runs inside of an image that has what the tests need'))
  for (const { text, evidence: at, why } of leftOut) {
    lines.push(comment(`- left out, ${why}: ${text} (${placeOf(at)})`))
  }
  return lines
}

function sourceOf({ from, label, evidence, commands }: TestGroup): string {
  const place = `${placeOf(evidence)} (${label})`
  if (commands.length === 0) return `nothing could be taken from ${place}`
  return from === 'workflow'
    ? `guess: from ${place}`
    : `guess: from ${place}; no workflow runs it so`
}

function commandLines({ commands }: TestGroup, taken: Set<string>): string[] {
  return commands.map(({ argv, directory, evidence }) => {
    const words = argv.join(' ')
    const name = uniqueName(directory === '.' ? words : `${words} in ${directory}`, taken)
    const where = directory === '.' ? {} : { directory }
    return `- ${flow({ name, run: argv, ...where })} ${comment(placeOf(evidence))}`
  })
}
