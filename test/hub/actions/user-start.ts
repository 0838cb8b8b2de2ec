import { openGit } from '../git.ts'
import type { HubActions } from '../hub.ts'
import { tipOf, workflowPaths } from './commits.ts'
import type { RefTip } from './commits.ts'
import { prepareDispatch } from './dispatch.ts'
import type { Engine } from './engine.ts'
import { matchesPattern } from './environments.ts'
import { startRun } from './runs.ts'
import { workflowAt, workflowFile } from './workflow-files.ts'
import { shape } from './workflow.ts'
import type { Workflow } from './workflow.ts'

type Start = Parameters<HubActions['start']>[0]

/** Somebody pushes, or clicks "Run workflow"; gives the id of the run of the workflow that was named. */
export async function startByHand(engine: Engine, options: Start): Promise<string> {
  if (options.event === 'push') return push(engine, options)
  const { workflow, ref, inputs = {}, login } = options
  const prepared = await prepareDispatch(engine, { workflow, ref, inputs })
  return String((await startRun(engine, { ...prepared, actor: login })).id)
}

/** Every workflow starts that wants this push, in the version of the commit that was pushed. */
async function push(engine: Engine, options: Start): Promise<string> {
  const git = openGit(engine.core.git)
  const tip = await tipOf(git, options.ref)
  if (tip === null) throw new Error(`no branch or tag ${options.ref} to push`)
  let named: string | null = null
  for (const path of await workflowPaths(git, tip.sha)) {
    const workflow = await workflowAt(engine, tip.sha, path)
    if (workflow === null || !wantsPush(workflow, tip)) continue
    const workflowId = await idOf(engine, path)
    const given = { workflow, workflowId, event: 'push', ...tip, actor: options.login, inputs: {} }
    const run = await startRun(engine, given)
    if (path.endsWith(`/${options.workflow}`) || path === options.workflow) named = String(run.id)
  }
  if (named === null) throw new Error(`${options.workflow} does not run for a push to ${tip.ref}`)
  return named
}

async function idOf(engine: Engine, path: string): Promise<number> {
  await workflowFile(engine, path)
  const id = engine.workflowIds.get(path) ?? engine.core.nextId()
  engine.workflowIds.set(path, id)
  return id
}

function wantsPush(workflow: Workflow, { ref }: RefTip): boolean {
  if (!('push' in workflow.on)) return false
  const filters = shape(workflow.on['push'])
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.*)$/.exec(ref) ?? []
  const own = kind === 'heads' ? 'branches' : 'tags'
  const other = kind === 'heads' ? 'tags' : 'branches'
  const wanted = patterns(filters[own])
  const unwanted = patterns(filters[`${own}-ignore`])
  if (wanted !== null) return lastMatch(wanted, name)
  if (unwanted !== null) return !unwanted.some((pattern) => matchesPattern(pattern, name))
  // With filters for tags only, branches start nothing, and the other way round.
  return filters[other] === undefined && filters[`${other}-ignore`] === undefined
}

function patterns(value: unknown): string[] | null {
  return Array.isArray(value) ? value.map(String) : null
}

/** The last pattern that matches decides: `!` takes names out again. */
function lastMatch(wanted: string[], name: string): boolean {
  const last = wanted.findLast((pattern) => matchesPattern(pattern.replace(/^!/, ''), name))
  return last !== undefined && !last.startsWith('!')
}
