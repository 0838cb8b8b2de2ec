import { join } from 'node:path'
import { readText, replaceFile } from '../files.ts'
import { isOver, type DeploymentFacts, type RunFacts, type WorkflowFacts } from './facts.ts'

/**
 * What GitHub said of deployments that are over, so that looking again asks only about the others. It
 * may be deleted at any time: everything in it can be read again.
 */
export interface Memory {
  deployments: Map<string, DeploymentFacts>
  runs: Map<string, RunFacts>
  /** By path and commit: such a text never changes. */
  workflows: Map<string, WorkflowFacts | null>
  /** Full commit of an abbreviated one, and of what the title of a run named when it was seen first. */
  commits: Map<string, string>
}

interface MemoryFile {
  format: typeof format
  deployments: [string, DeploymentFacts][]
  runs: [string, RunFacts][]
  workflows: [string, WorkflowFacts | null][]
  commits: [string, string][]
}

const format = 'gonogo-github-observed-v2'

/** The newest entries of each kind are kept: more than one reading ever needs. */
const most = 500

export async function readMemory(stateDirectory: string): Promise<Memory> {
  const kept = parse(await readText(pathOf(stateDirectory)))
  return {
    deployments: new Map(kept?.deployments),
    runs: new Map(kept?.runs),
    workflows: new Map(kept?.workflows),
    commits: new Map(kept?.commits),
  }
}

/** Keeps what will not change any more. `tag` makes the temporary file's name the writer's own. */
export async function keepMemory(
  stateDirectory: string,
  memory: Memory,
  tag: string,
): Promise<void> {
  const file: MemoryFile = {
    format,
    deployments: newest([...memory.deployments].filter(([, facts]) => isOver(facts))),
    runs: newest([...memory.runs].filter(([, { completed }]) => completed)),
    workflows: newest([...memory.workflows]),
    commits: newest([...memory.commits]),
  }
  const text = JSON.stringify(file)
  const path = pathOf(stateDirectory)
  if ((await readText(path)) !== text) await replaceFile(path, text, tag)
}

function newest<T>(entries: T[]): T[] {
  return entries.slice(-most)
}

function pathOf(stateDirectory: string): string {
  return join(stateDirectory, 'github', 'observed.json')
}

/** Null for what is damaged or of another version: then everything is read again. */
function parse(text: string | null): MemoryFile | null {
  if (text === null) return null
  try {
    const file = JSON.parse(text) as MemoryFile
    return file.format === format ? file : null
  } catch {
    return null
  }
}
