import type { Command, Facts, TestGroup } from '../survey/facts.ts'

/** The test commands in their order, each once. */
export interface DecidedTests {
  groups: TestGroup[]
  /** True when at least one command can be run. */
  some: boolean
}

// More would be a copy of the whole continuous integration.
const most = 30

export function decideTests({ tests }: Facts): DecidedTests {
  const seen = new Set<string>()
  const groups: TestGroup[] = []
  for (const group of tests) {
    const fresh = group.commands.filter((command) => !seen.has(keyOf(command)))
    // What only prepares tests that run already is not run a second time.
    const commands = fresh.some(({ kind }) => kind === 'test') ? fresh : []
    if (commands.length === 0 && (group.commands.length > 0 || group.leftOut.length === 0)) continue
    for (const command of commands) seen.add(keyOf(command))
    if (seen.size <= most) groups.push({ ...group, commands })
  }
  return { groups, some: groups.some(({ commands }) => commands.length > 0) }
}

function keyOf({ argv, directory }: Command): string {
  return JSON.stringify([argv, directory])
}
