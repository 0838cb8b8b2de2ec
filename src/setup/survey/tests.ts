import { oneLine } from '../../core/text.ts'
import type { Command, Ecosystem, LeftOut, TestGroup } from './facts.ts'
import { kindOf, type Kind } from './kind.ts'
import { inside, readScript, type Simple } from './shell.ts'
import type { Tree } from './tree.ts'
import type { Job, Step, Workflow } from './workflows.ts'

/** The tests of the workflows, and which ecosystems they cover; `all` where a script may test anything. */
export interface WorkflowTests {
  groups: TestGroup[]
  covered: ReadonlySet<Ecosystem | 'all'>
}

// Jobs of other workflows run at night, by hand or after a release: no gate for a commit.
const onCommits = new Set(['push', 'pull_request', 'pull_request_target', 'merge_group'])

/** One piece of a job, in its order. */
interface Piece {
  kind: Kind
  ecosystem: Ecosystem | null
  command: Command | null
  left: LeftOut | null
}

/** What the workflows run as tests, with what the same job installs and builds before. */
export function workflowTests(workflows: readonly Workflow[], tree: Tree): WorkflowTests {
  const covered = new Set<Ecosystem | 'all'>()
  const refused = new Set<Ecosystem | 'all'>()
  const called = new Set(workflows.flatMap(({ jobs }) => jobs.map(({ reuses }) => reuses ?? '')))
  const groups = workflows
    .filter(({ path, triggers }) => isForCommits(triggers) || called.has(`./${path}`))
    .flatMap((workflow) =>
      workflow.jobs.flatMap((job) => {
        const pieces = piecesOf(workflow, job, tree)
        for (const piece of pieces.filter(({ kind }) => kind === 'test')) {
          const set = piece.command ? covered : refused
          set.add(piece.ecosystem ?? 'all')
        }
        const group = groupOf(workflow, job, pieces)
        return group ? [group] : []
      }),
    )
  // Where some of the tests need a shell, the usual command stands in for them.
  for (const ecosystem of refused) if (ecosystem !== 'all') covered.delete(ecosystem)
  return { groups: preferred(groups), covered }
}

function isForCommits(triggers: readonly string[]): boolean {
  return triggers.some((trigger) => onCommits.has(trigger))
}

function groupOf(workflow: Workflow, job: Job, pieces: readonly Piece[]): TestGroup | null {
  const isTest = ({ kind }: Piece) => kind === 'test' || kind === 'end to end'
  const last = pieces.findLastIndex(isTest)
  if (last < 0) return foreignTests(workflow, job)
  const relevant = pieces.slice(0, last + 1).filter(isWorthTelling)
  const commands = relevant.flatMap(({ command }) => command ?? [])
  const hasTests = commands.some(({ kind }) => kind === 'test')
  return {
    from: 'workflow',
    label: oneLine(`${workflow.name}, job ${job.id}`, 80),
    evidence: { path: workflow.path, line: job.line },
    commands: hasTests ? commands : [],
    leftOut: unique(relevant.flatMap(({ left }) => left ?? [])).slice(0, 8),
    services: job.services.map((name) => oneLine(name, 40)),
    variables: namesOf(job),
    inContainer: job.inContainer,
  }
}

/** A lint is no test, a line of a longer program means nothing alone, and an echo prepares nothing. */
function isWorthTelling({ kind, command, left }: Piece): boolean {
  if (kind === 'lint' || /^(?:echo|sleep|printf)\b/.test(left?.text ?? '')) return false
  return command !== null || kind !== 'other' || left?.why !== needsShell
}

function unique(left: readonly LeftOut[]): LeftOut[] {
  return left.filter(
    ({ text }, index) => left.findIndex((earlier) => earlier.text === text) === index,
  )
}

/** A job whose work is a workflow of another repository: it may test, but nobody can see what. */
function foreignTests({ path, name }: Workflow, job: Job): TestGroup | null {
  if (job.reuses === null || job.reuses.startsWith('./')) return null
  if (!/test/i.test(`${job.id} ${job.reuses}`)) return null
  const evidence = { path, line: job.line }
  const text = oneLine(job.reuses, 100)
  return {
    from: 'workflow',
    label: oneLine(`${name}, job ${job.id}`, 80),
    evidence,
    commands: [],
    leftOut: [{ text, evidence, why: 'it is a workflow of another repository' }],
    services: [],
    variables: [],
    inContainer: false,
  }
}

function namesOf(job: Job): string[] {
  const names = [...job.variables, ...job.steps.flatMap(({ variables }) => variables)]
  return [...new Set(names)].filter((name) => /^\w{1,40}$/.test(name)).slice(0, 12)
}

function piecesOf(workflow: Workflow, job: Job, tree: Tree): Piece[] {
  return job.steps.flatMap((step) => [
    ...fromAction(step, workflow.path, tree),
    ...fromScript(step, workflow.path, tree),
  ])
}

const installers: readonly [RegExp, string, string[], Ecosystem][] = [
  [/^ruby\/setup-ruby@/, 'Gemfile.lock', ['bundle', 'install'], 'ruby'],
  [/^ramsey\/composer-install@/, 'composer.json', ['composer', 'install'], 'php'],
  [/^bahmutov\/npm-install@/, 'package-lock.json', ['npm', 'ci'], 'javascript'],
]

/** Actions that install what is locked, although the job never says so. */
function fromAction(step: Step, path: string, tree: Tree): Piece[] {
  const found = installers.find(([action]) => action.test(step.uses ?? ''))
  if (!found || !tree.has(found[1])) return []
  const evidence = { path, line: step.line }
  const command: Command = { argv: found[2], directory: '.', evidence, kind: 'install' }
  return [{ kind: 'install', ecosystem: found[3], command, left: null }]
}

const longestScript = 8_000
const needsShell = 'only a shell can run it'

function fromScript(step: Step, path: string, tree: Tree): Piece[] {
  if (step.run === null || step.run.length > longestScript) return []
  const directory = inside('.', step.directory)
  const script = readScript(step.run, directory ?? '.')
  return script.flatMap(({ text, offset, commands }) => {
    const evidence = { path, line: step.line + offset }
    const refused = (why: string) => [refusedPiece(text, evidence, why)]
    if (step.directory.includes('${{') || directory === null) return refused('its directory varies')
    if (commands === null) return refused(needsShell)
    return commands.map((command) => pieceOf(command, { step, text, evidence, tree }))
  })
}

/** The words of a line that only a shell can run still tell whether it is a test. */
function refusedPiece(text: string, evidence: LeftOut['evidence'], why: string): Piece {
  const words = text
    .replace(/^.*(?:&&|;|\|\|) */, '')
    .replace(/^(?:\w+=\S* +)+/, '')
    .split(/\s+/)
  const { kind: found, ecosystem } = kindOf(words)
  const kind = found === 'machine' && /docker.*\btests?\b/.test(text) ? 'test' : found
  return { kind, ecosystem, command: null, left: { text: shown(text), evidence, why } }
}

interface Place {
  step: Step
  text: string
  evidence: LeftOut['evidence']
  tree: Tree
}

function pieceOf({ argv, directory }: Simple, { step, text, evidence, tree }: Place): Piece {
  const found = kindOf(argv)
  const kind = found.kind === 'machine' ? kindInContainer(argv) : found.kind
  const why = reasonAgainst(kind, found.kind, step, tree.directories.has(directory))
  if (why === null && (kind === 'install' || kind === 'build' || kind === 'test')) {
    const command: Command = { argv, directory, evidence, kind }
    return { kind, ecosystem: found.ecosystem, command, left: null }
  }
  return { ...found, kind, command: null, left: { text: shown(text), evidence, why: why ?? '' } }
}

/** `docker compose exec -T app pytest` tests, but in containers that the job has to start. */
function kindInContainer(argv: readonly string[]): Kind {
  const start = argv.findIndex((word) => word === 'exec' || word === 'run')
  if (!/docker|podman/.test(argv[0] ?? '') || start < 0) return 'machine'
  const rest = argv.slice(start + 1)
  const inner = rest.slice(rest.findIndex((word) => !word.startsWith('-')) + 1)
  const script = /^(?:ba)?sh$/.test(inner[0] ?? '') ? (inner[1] ?? '') : ''
  const { kind } = kindOf(inner)
  if (kind === 'lint' || /lint/.test(script)) return 'lint'
  return kind === 'test' || /\btests?\b/.test(script) ? 'test' : 'machine'
}

function reasonAgainst(kind: Kind, words: Kind, step: Step, exists: boolean): string | null {
  if (words === 'machine') return 'it changes the machine it runs on'
  if (kind === 'end to end') return 'it wants a browser or a running system'
  if (step.isConditional) return 'it has a condition'
  if (!exists) return 'its directory is not in the repository'
  return kind === 'other' ? 'what it does is not known' : null
}

/** A line as a comment shows it; what looks like a secret is not repeated. */
function shown(text: string): string {
  return oneLine(
    text.replace(/(\w*(?:TOKEN|SECRET|PASSWORD|PASSWD|KEY)\w*(?:=|\s+))\S+/gi, '$1***'),
    120,
  )
}

/** Measuring coverage is a second run of the same tests. */
function preferred(groups: TestGroup[]): TestGroup[] {
  const plain = groups.filter((group) => !isCoverage(group))
  return plain.some(({ commands }) => commands.length > 0) ? plain : groups
}

function isCoverage({ label, commands }: TestGroup): boolean {
  return [label, ...commands.map(({ argv }) => argv.join(' '))].some((text) =>
    /\bcoverage\b/i.test(text),
  )
}
