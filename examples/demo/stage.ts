import { execFile } from 'node:child_process'
import { mkdtemp, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startAdvisoryRegistry } from '../advisory-registry.ts'
import { makeClinicProject, type ClinicProject } from '../../src/setup/sample/project.ts'

const run = promisify(execFile)

/** Everything the demo plays on; `clear` leaves no process and no file behind. */
export interface Stage {
  root: string
  project: ClinicProject
  /** Command lines of processes that still belong to the demo. */
  processes(): Promise<string[]>
  clear(): Promise<void>
}

export async function setStage(): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'gonogo-demo-'))
  const registry = await startAdvisoryRegistry()
  const project = await makeClinicProject(root, { registry: registry.url })
  return {
    root,
    project,
    processes: () => processesOf(root),
    async clear() {
      await registry.close()
      for (const name of ['staging', 'production'] as const) await stopService(project, name)
      await rm(root, { recursive: true, force: true })
    },
  }
}

async function stopService(project: ClinicProject, name: 'staging' | 'production'): Promise<void> {
  const environment = join(project.directory, name)
  const release = await readlink(join(environment, 'current')).catch(() => null)
  if (release === null) return
  const env = { ...process.env, CLINIC_DATA: project.data[name] }
  await run(process.execPath, ['ops/service.js', 'stop'], { cwd: join(environment, release), env })
}

/** By the demo's own directory: every process it started has it in its command line. */
async function processesOf(root: string): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,args='])
  return stdout.split('\n').filter((line) => line.includes(root) && !line.includes('ps -eo'))
}
