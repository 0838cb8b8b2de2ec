import { Failure } from '../../../core/failure.ts'
import type { MigrationOperation } from '../../../core/migration.ts'
import { lineOf, shown, type PyNode } from './node.ts'
import { createReport, unknownAt } from './report.ts'
import { lookUp, type Host, type Run } from './run-state.ts'
import { createRun } from './statements.ts'
import type { PyFunction, PyValue } from './value.ts'

/** Larger than any migration that people write, and small enough to be followed in a moment. */
const mostCharacters = 1024 * 1024

/** A file whose own statements were followed; functions in it were not. */
export interface Followed {
  /** What its names stand for at its end. */
  names: ReadonlyMap<string, PyValue>
  /** What is no Python. */
  errors: MigrationOperation[]
  run: Run
  /** Follows a function of the file; what it does is in the run's report. */
  call: (callee: PyFunction) => void
  problem: null
}

/**
 * Never runs any of it, and never fails for what it contains; only where there is no parser, because then
 * nothing at all can be told.
 */
export async function followFile(
  text: string,
  host: Host,
): Promise<Followed | { problem: MigrationOperation }> {
  const place = { line: 1, statement: '' }
  if (text.length > mostCharacters) {
    return { problem: unknownAt(place, 'the file is larger than 1 MiB') }
  }
  const parse = await loadParser()
  const root = parse(text)
  const run = createRun(host, createReport())
  run.block(root, run.module, run)
  const error = root.find({ rule: { kind: 'ERROR' } })
  return {
    names: run.module.names,
    errors: error ? [notPython(error)] : [],
    run,
    call: (callee) => callFunction(callee, run),
    problem: null,
  }
}

/** A native library, which not every machine has a build of. */
async function loadParser(): Promise<(text: string) => PyNode> {
  try {
    const { parsePython } = await import('./grammar.ts')
    return parsePython
  } catch (cause) {
    throw new Failure({
      code: 'missing_program',
      message: `the parser for Python cannot be loaded on ${process.platform} ${process.arch}`,
      hint: 'install gonogo again with its optional dependencies: npm install --include=optional',
      cause,
    })
  }
}

function notPython(error: PyNode): MigrationOperation {
  return unknownAt({ line: lineOf(error), statement: shown(error) }, 'this is not valid Python')
}

function callFunction(callee: PyFunction, run: Run): void {
  const body = callee.node.field('body')
  const scope = { names: new Map<string, PyValue>(), parent: callee.scope }
  run.following.push({ id: callee.node.id(), branch: run.report.branch, returned: [] })
  if (body) run.block(body, scope, run)
  run.following.pop()
}

/** What the names in a class stand for. */
export function classNames(
  { node, scope }: Extract<PyValue, { kind: 'class' }>,
  run: Run,
): { names: ReadonlyMap<string, PyValue>; problems: MigrationOperation[] } {
  const names = new Map<string, PyValue>()
  const body = node.field('body')
  run.report = createReport()
  if (body) run.block(body, { names, parent: scope }, run)
  const problems = run.report.steps.flatMap((step) => ('operation' in step ? [step.operation] : []))
  const known = [...names.keys()].map(
    (name) => [name, lookUp(name, { names, parent: null }, run)] as const,
  )
  return { names: new Map(known), problems }
}
