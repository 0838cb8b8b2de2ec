import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { readVariable } from '../../config/environment-variables.ts'
import { loadProject } from '../../config/load.ts'
import { locateProject } from '../../config/locate.ts'
import { Failure, toFailure } from '../../core/failure.ts'
import type { Project } from '../../core/project.ts'
import { ownWay } from '../../setup/clients/by-hand.ts'
import { clients, type Client, type ClientId, type Scope } from '../../setup/clients/clients.ts'
import { entryFor, type Wanted } from '../../setup/clients/entry.ts'
import { readText, replaceText } from '../../setup/file.ts'
import type { Places } from '../../setup/clients/places.ts'
import { planInstall, planUninstall, snippetOf, type Change } from '../../setup/clients/plan.ts'
import { describeServer } from '../../setup/clients/server.ts'
import { exits, type ExitCode } from '../exit.ts'
import { listClients, printChange, printSnippet } from '../render/install.ts'
import type { CommonOptions } from '../session.ts'
import type { Surface } from '../surface.ts'

export interface InstallOptions extends CommonOptions {
  client?: ClientId
  scope?: Scope
  name: string
  readOnly?: boolean
  dryRun?: boolean
  print?: boolean
  uninstall?: boolean
}

/** Tells a client how to start this gonogo for this project, or forgets it again. */
export async function runInstall(surface: Surface, options: InstallOptions): Promise<ExitCode> {
  const places = await placesOf(surface, options)
  const client = clients.find(({ id }) => id === options.client)
  if (!client) {
    refuseWithoutClient(options)
    await listClients(surface, options, places)
    return exits.done
  }
  const scope = scopeOf(client, options.scope)
  const file = client.files[scope]!(places)
  const target = { client, scope, file, name: serverName(options.name) }
  if (options.uninstall) {
    const text = await readText(file)
    const change = planUninstall(client, { file, text }, target.name)
    await carryOut(target, change, text, options)
    printChange(surface, options, { ...target, change, notes: [] })
    return exits.done
  }
  const { wanted, notes } = await wantedFor(surface, options, client, places)
  if (options.print) {
    const snippet = snippetOf(client, target.name, wanted)
    const own = ownWay(client, scope, target.name, wanted)
    printSnippet(surface, options, { ...target, snippet, own, notes })
    return exits.done
  }
  const text = await readText(file)
  const change = planInstall(client, { file, text }, target.name, wanted)
  await carryOut(target, change, text, options)
  printChange(surface, options, { ...target, change, notes })
  return exits.done
}

/** A list of the clients is no answer to whoever wanted something done. */
function refuseWithoutClient({ uninstall, print, dryRun }: InstallOptions): void {
  const flag = uninstall ? '--uninstall' : print ? '--print' : dryRun ? '--dry-run' : null
  if (flag === null) return
  throw new Failure({
    code: 'invalid_input',
    message: `${flag} wants to know which client`,
    hint: `gonogo install --client CLIENT ${flag}; gonogo install lists the clients`,
    details: { field: 'client' },
  })
}

async function carryOut(
  { file, scope }: { file: string; scope: Scope },
  change: Change,
  before: string | null,
  { dryRun }: InstallOptions,
): Promise<void> {
  if (dryRun || change.text === null) return
  await replaceText(file, change.text, { before, scope })
}

async function wantedFor(
  surface: Surface,
  options: InstallOptions,
  client: Client,
  places: Places,
): Promise<{ wanted: Wanted; notes: string[] }> {
  const { env, cwd, command } = surface
  const { passed, problem } = await passedVariables(surface, places.project)
  const server = describeServer({
    name: options.name,
    command,
    project: places.project,
    readOnly: options.readOnly === true,
    env,
    cwd,
    passed,
  })
  const wanted = entryFor(client, server, env.PATH)
  const notes = [
    ...(problem === null ? [] : [`gonogo cannot open this project yet: ${problem}`]),
    ...wanted.unsupported.map(
      (variable) =>
        `${client.title} cannot hand on ${variable} without writing its value down: put it into the env_file of the environment`,
    ),
  ]
  return { wanted, notes }
}

/** A project that cannot be opened now may be corrected later: connecting a client needs no project. */
async function passedVariables(
  { env, cwd }: Surface,
  directory: string,
): Promise<{ passed: string[]; problem: string | null }> {
  try {
    const { project } = await loadProject({ directory, env, cwd })
    const names = [...project.environments.flatMap(({ pass_env }) => pass_env), ...tokenOf(project)]
    return { passed: [...new Set(names)], problem: null }
  } catch (error) {
    const { message } = toFailure(error)
    return { passed: [], problem: message.split('\n')[0]! }
  }
}

async function placesOf(surface: Surface, { project }: InstallOptions): Promise<Places> {
  const { env, cwd } = surface
  const named = project ?? readVariable(env, 'GONOGO_PROJECT')
  return {
    platform: process.platform,
    home: env.HOME || homedir(),
    env,
    project:
      named === undefined ? await projectAround(surface) : await existing(resolve(cwd, named)),
  }
}

async function projectAround({ env, cwd }: Surface): Promise<string> {
  return locateProject(undefined, env, cwd).then(
    ({ directory }) => directory,
    () => realpath(cwd),
  )
}

async function existing(directory: string): Promise<string> {
  return realpath(directory).catch((error: NodeJS.ErrnoException) => {
    throw new Failure({
      code: 'invalid_input',
      message: `--project: ${directory} cannot be read (${error.code})`,
      hint: 'name the directory that holds gonogo.yaml',
      cause: error,
    })
  })
}

/** The project's own file where a client has one: another project then keeps its own server. */
function scopeOf(client: Client, asked: Scope | undefined): Scope {
  const scope = asked ?? (client.files.project ? 'project' : 'user')
  if (client.files[scope]) return scope
  throw new Failure({
    code: 'invalid_input',
    message: `--scope ${scope}: ${client.title} has no file for a project`,
    hint: `gonogo install --client ${client.id} --scope user`,
  })
}

/** Clients build names of tools from it, some with an underscore as the border. */
function serverName(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(name)) return name
  throw new Failure({
    code: 'invalid_input',
    message: `--name ${JSON.stringify(name)} is not a name for a server`,
    hint: 'use up to 32 letters, digits and hyphens, beginning with a letter',
  })
}

/** What the server cannot do without: no variable where a program or a GitHub App provides the token. */
function tokenOf({ github }: Project): string[] {
  return github && !github.token_command && !github.app ? ['GITHUB_TOKEN'] : []
}
