import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startAdvisoryRegistry } from '../advisory-registry.ts'
import { makeClinicProject, type ClinicProject } from '../../src/setup/sample/project.ts'
import type { GitHubStage } from './github-stage.ts'
import { hireSigner, type Keyboard, type Person } from './person.ts'

const run = promisify(execFile)

/** Everything the demo plays on; `clear` leaves no process and no file behind. */
export interface Stage {
  root: string
  /** Holds gonogo.yaml. */
  directory: string
  project: ClinicProject
  words: Words
  /** What consent is worth here. */
  level: 'L0' | 'L2'
  /** What gonogo needs of its environment here. */
  variables: Record<string, string>
  /** The approver, whose home is this directory. */
  hire(home: string, gonogo: Keyboard): Promise<Person>
  /** Null on this machine. */
  github: GitHubStage | null
  /** Command lines of processes that still belong to the demo. */
  processes(): Promise<string[]>
  clear(): Promise<void>
}

/** `github`: the reference workflow, carried out by a stand-in for GitHub; else the local pipeline. */
export async function setStage(pipeline: 'local' | 'github'): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'gonogo-demo-'))
  const registry = await startAdvisoryRegistry()
  const project = await makeClinicProject(root, { registry: registry.url })
  const github = pipeline === 'github' ? await onGitHubStage(project) : null
  return {
    root,
    directory: github?.directory ?? root,
    project,
    words: github ? onGitHub : onThisMachine,
    level: github ? 'L2' : 'L0',
    variables: github?.variables ?? {},
    hire: async (home, gonogo) => github?.hire(gonogo) ?? (await hireSigner(home, gonogo)),
    github,
    processes: () => processesOf(root),
    async clear() {
      await registry.close()
      await github?.close()
      for (const name of ['staging', 'production'] as const) await stopService(project, name)
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Loaded where it is wanted: the stand-in brings half of the test tools along. */
async function onGitHubStage(project: ClinicProject) {
  const { moveToGitHub } = await import('./github-stage.ts')
  return await moveToGitHub(project)
}

/** What the audience is told. */
interface Words {
  pipeline: readonly string[]
  approver: readonly string[]
  summary: string
}

const onThisMachine: Words = {
  pipeline: [
    'staging and production as real processes on this machine, a real MCP client over stdio.',
    'Two stand-ins: the assistant follows a script, and advisories for npm audit come from a',
  ],
  approver: [
    'The approver is a throw-away SSH key in a home directory of its own, never given to the',
    'assistant. Without a passphrase and on the same user it reaches level L0 only.',
  ],
  summary: 'Three releases, one of them bad, one rollback, four signatures',
}

const onGitHub: Words = {
  pipeline: [
    'the reference workflow (examples/workflows/cd.yml), whose jobs make staging and production real',
    'processes on this machine, a real MCP client over stdio. Three stand-ins: GitHub, which plans the',
    'workflow with its own parser, the assistant, which follows a script, and advisories come from a',
  ],
  approver: [
    'Strict mode: gonogo.yaml is what the protected branch main has, and the approver answers in issues,',
    'with a login that gonogo does not act as. The workflow looks for itself: that is level L2.',
  ],
  summary:
    'Four releases, one of them bad, two rollbacks, four approvals by a login, two by a token',
}

/** By its own script: any copy of it will do, since it goes by the pid file of its data. */
async function stopService(project: ClinicProject, name: 'staging' | 'production'): Promise<void> {
  const env = { ...process.env, CLINIC_DATA: project.data[name] }
  await run(process.execPath, ['ops/service.js', 'stop'], { cwd: project.repository, env })
}

/** By the demo's own directory: every process it started has it in its command line. */
async function processesOf(root: string): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,args='])
  return stdout.split('\n').filter((line) => line.includes(root) && !line.includes('ps -eo'))
}
