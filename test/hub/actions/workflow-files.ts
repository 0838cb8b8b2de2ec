import { openGit } from '../git.ts'
import { HubError } from '../operation.ts'
import { tipOf, workflowPaths } from './commits.ts'
import type { Engine } from './engine.ts'
import { readWorkflow } from './workflow.ts'
import type { Workflow } from './workflow.ts'

/** A workflow as the repository has it, whatever is in it. */
export interface WorkflowFile {
  id: number
  path: string
  name: string
}

/** The workflows of the default branch: GitHub knows no others. */
export async function workflowFiles(engine: Engine): Promise<WorkflowFile[]> {
  const git = openGit(engine.core.git)
  const tip = await tipOf(git, `refs/heads/${await git.defaultBranch()}`)
  if (tip === null) return []
  return engine.remembered(`workflows of ${tip.sha}`, async () => {
    const paths = await workflowPaths(git, tip.sha)
    return Promise.all(
      paths.map(async (path) => {
        const id = engine.workflowIds.get(path) ?? engine.core.nextId()
        engine.workflowIds.set(path, id)
        const text = (await git.read('show', `${tip.sha}:${path}`)) ?? ''
        return { id, path, name: nameIn(text) ?? path }
      }),
    )
  })
}

/** By id or file name, as in addresses; null for one the default branch does not have. */
export async function workflowFile(engine: Engine, wanted: string): Promise<WorkflowFile | null> {
  const files = await workflowFiles(engine)
  return (
    files.find((file) => String(file.id) === wanted || file.path.endsWith(`/${wanted}`)) ?? null
  )
}

function nameIn(text: string): string | null {
  return /^name:\s*(?:'([^']*)'|"([^"]*)"|(.+?))\s*$/m.exec(text)?.slice(1).find(Boolean) ?? null
}

/** The workflow at a commit, with the workflows its jobs call; null when the file is not there. */
export function workflowAt(
  engine: Engine,
  commit: string,
  path: string,
  depth = 0,
): Promise<Workflow | null> {
  const key = `workflow ${commit}:${path} at ${depth}`
  return engine.remembered(key, () => readAt(engine, commit, path, depth))
}

async function readAt(
  engine: Engine,
  commit: string,
  path: string,
  depth: number,
): Promise<Workflow | null> {
  const text = await openGit(engine.core.git).read('show', `${commit}:${path}`)
  if (text === null) return null
  const workflow = await readWorkflow(await engine.github(), path, text)
  for (const { uses } of workflow.jobs) {
    if (uses === null) continue
    const local = /^\.\/(\.github\/workflows\/.+)$/.exec(uses)?.[1]
    const called =
      local === undefined || depth > 3 ? null : await workflowAt(engine, commit, local, depth + 1)
    if (called === null) throw new HubError(422, `stand-in: ${uses} cannot be called`)
    workflow.calls.set(uses, called)
  }
  return workflow
}
