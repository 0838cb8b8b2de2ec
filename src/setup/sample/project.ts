import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { configuration } from './configuration.ts'
import { makeClinicRepository, type ClinicHistory } from './history.ts'

/** A clinic ready to be deployed: repository, configuration, secrets, nothing running yet. */
export interface ClinicProject {
  /** Holds gonogo.yaml; what `--project` takes. */
  directory: string
  repository: string
  history: ClinicHistory
  stateDirectory: string
  urls: { staging: string; production: string }
  /** Where each environment keeps its data, pid file and log. */
  data: { staging: string; production: string }
}

export interface ClinicProjectOptions {
  /** Registry that answers `npm audit`; default: the one npm is set to. */
  registry?: string
  /** `strict` wants level L1, which a throw-away key cannot reach. */
  mode?: 'standard' | 'strict'
  /** Test command; default: the clinic's own suite, by the Node that runs now. */
  tests?: readonly string[]
  /** Steps put in front of the deployment's own, for both environments. */
  prepare?: readonly { name: string; run: readonly string[]; timeout_seconds?: number }[]
}

/** Builds everything below `root`, which must exist. */
export async function makeClinicProject(
  root: string,
  options: ClinicProjectOptions = {},
): Promise<ClinicProject> {
  const repository = join(root, 'clinic')
  await mkdir(repository)
  const history = await makeClinicRepository(repository)
  const [staging, production] = await freePorts()
  const project: ClinicProject = {
    directory: root,
    repository,
    history,
    stateDirectory: join(root, 'state'),
    urls: { staging: `http://127.0.0.1:${staging}`, production: `http://127.0.0.1:${production}` },
    data: { staging: join(root, 'data-staging'), production: join(root, 'data-production') },
  }
  for (const name of ['staging', 'production'] as const) {
    await mkdir(project.data[name])
    await writeFile(join(root, `${name}.env`), secretsOf(name), { mode: 0o600 })
  }
  await writeFile(join(root, 'gonogo.yaml'), configuration(project, options))
  return project
}

/** Different in each environment, and made up anew by nobody: the sample has nothing to protect. */
function secretsOf(name: string): string {
  return `SESSION_SECRET=${`sample-session-secret-of-${name}`.padEnd(48, '-')}\nCLINIC_ADMIN_PASSWORD=sample-password-${name}\n`
}

/** Both are held until both are known, so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const [first, second] = [await listening(), await listening()]
  const ports: [number, number] = [portOf(first), portOf(second)]
  for (const server of [first, second]) await new Promise((resolve) => server.close(resolve))
  return ports
}

async function listening(): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
