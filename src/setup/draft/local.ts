import { join } from 'node:path/posix'
import { placeOf, type Evidence, type Facts, type Stack } from '../survey/facts.ts'
import { uniqueName } from './decide.ts'
import { asComments, comment, flow, indented, scalar } from './text.ts'

interface Step {
  /** What it is called, when its words are too many. */
  name?: string
  argv: string[]
  directory: string
  evidence: Evidence
}

/** The section `local` of an environment: steps that follow from the stack. */
export function localLines(environment: string, facts: Facts, project: string): string[] {
  const directory = join(facts.toRoot, '..', `${project}-${environment}`)
  const compose = composeSteps(environment, facts, project)
  const steps = compose ? [compose.build] : [...prepareSteps(facts), ...releaseSteps(facts)]
  const taken = new Set<string>()
  const prepare =
    steps.length === 0
      ? asComments(['prepare:', '  - { name: build, run: [program, argument] }'])
      : ['prepare:', ...indented(steps.map((step) => stepLine(step, taken)))]
  const activate = compose
    ? ['activate:', `  ${stepLine(compose.up, taken)}`]
    : unknownRestart(project)
  return [
    ...variableLines(facts),
    'local:',
    ...indented([
      `directory: ${scalar(directory)} # guess: beside the repository`,
      '# In the new release directory, before it becomes current:',
      ...prepare,
      ...(compose ? migrationNote(facts) : []),
      '# After it became current: make the running service use it.',
      ...activate,
    ]),
  ]
}

function stepLine({ argv, directory, evidence, ...step }: Step, taken: Set<string>): string {
  const name = uniqueName(step.name ?? argv.join(' '), taken)
  const where = directory === '.' ? {} : { directory }
  return `- ${flow({ name, run: argv, ...where })} ${comment(`guess: from ${placeOf(evidence)}`)}`
}

// Deeper ones are tools and examples more often than what is deployed.
const isShallow = ({ directory }: Stack) => !directory.includes('/')

function prepareSteps({ stacks }: Facts): Step[] {
  return stacks
    .filter(isShallow)
    .slice(0, 4)
    .flatMap(({ install, build, directory, evidence, ecosystem }) => {
      const script = { path: join(directory, 'package.json'), line: null }
      const from = ecosystem === 'javascript' ? script : evidence
      return [
        ...(install ? [{ argv: install, directory, evidence }] : []),
        ...(build ? [{ argv: build, directory, evidence: from }] : []),
      ]
    })
}

/** What the platform runs for a release, else the migrations of the framework. */
function releaseSteps({ release, migrations, stacks }: Facts): Step[] {
  if (release) return [release]
  const found = migrations.find(({ command }) => command !== null)
  if (!found?.command) return []
  const owners = stacks.filter(
    ({ directory }) => directory !== '.' && found.directory.startsWith(`${directory}/`),
  )
  const directory = owners.at(-1)?.directory ?? '.'
  return [{ argv: found.command, directory, evidence: found.evidence }]
}

/** Where images are built, the machine itself needs none of the tools. */
function composeSteps(
  environment: string,
  { compose }: Facts,
  project: string,
): { build: Step; up: Step } | null {
  const file = compose[0]
  if (!file) return null
  const name = `${project}-${environment}`.toLowerCase().replace(/[^a-z0-9_-]/g, '-')
  const start = ['docker', 'compose', '--project-name', name, '--file', file.name]
  const step = (...argv: string[]) => ({
    name: `docker compose ${argv[0]}`,
    argv: [...start, ...argv],
    directory: '.',
    evidence: file.evidence,
  })
  return { build: step('build'), up: step('up', '--detach') }
}

function migrationNote({ migrations }: Facts): string[] {
  const found = migrations[0]
  if (!found) return []
  const what = `${found.framework} in ${found.directory}`
  return [
    comment(`migrations (${what}): let the service run them when it starts, or add a step here`),
  ]
}

function unknownRestart(project: string): string[] {
  const restart = flow({ name: 'restart', run: ['systemctl', '--user', 'restart', project] })
  const lines = asComments(['activate:', `  - ${restart}`])
  return ['# How the service is restarted was not found:', ...lines]
}

/** Names only, and commented: which of them a step needs, nobody can see from outside. */
function variableLines({ variables }: Facts): string[] {
  const found = variables[0]
  if (!found) return []
  const names = found.names.slice(0, 12)
  return [
    comment(
      `guess: the steps may need these, from ${placeOf(found.evidence)}; the values come from env_file:`,
    ),
    '# env_file: /etc/NAME.env',
    ...asComments(['variables:', ...names.map((name) => `  ${scalar(name)}: {}`)]),
  ]
}
