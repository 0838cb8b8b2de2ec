import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { mainFile } from '../support/clinic.ts'
import { processesOf } from '../support/processes-of.ts'
import { talkTo } from '../support/raw-mcp.ts'
import { runInTerminal } from '../support/terminal.ts'
import type { SmallProject, Workshop } from '../support/small-project.ts'
import { until } from '../support/until.ts'
import { asNobody, nobody } from './as-root.ts'
import { startMachine } from './machine.ts'
import { approveOn, playShellActs, staticToken, traced } from './shell-scene.ts'
import type { Victim } from './victim.ts'

const passphrase = 'nobody guesses this one 4471'

/**
 * The program, the configuration and the signers belong to root, gonogo and the attacker run as nobody, and
 * the approver's key has a passphrase: docs/security.md, "How to reach L1".
 */
export async function victimAtL1(shop: Workshop): Promise<Victim> {
  const project = await shop.project({ environments: ['staging', 'production'] })
  const { root } = project
  const places = await furnish(project, shop)
  const env = { ...project.env, HOME: join(root, 'own'), DEPLOYMENT_ADMIN_TOKENS: staticToken }
  const atDesk = { root, env: { ...env, HOME: project.env['HOME'] }, outOfReach: true }
  const requests = await playShellActs(atDesk, project, shop)
  handOver(root)
  const started = [places.node, places.main] as const
  const as = { cwd: root, ...nobody }
  const server = spawn(started[0], [started[1], 'mcp'], { ...as, env, stdio: 'pipe' })
  const mcp = talkTo(server)
  await mcp.initialize('assistant')
  const run: Victim['run'] = ([program, ...args], { input, env: more } = {}) =>
    spawnSync(program, args, { ...as, input, env: { ...env, ...more }, encoding: 'utf8' }).stdout ??
    ''
  return {
    level: 'L1',
    root,
    state: join(root, 'state'),
    signers: join(root, 'approvers'),
    production: join(root, 'production'),
    repository: join(root, 'repository'),
    witness: join(root, 'state/witness'),
    own: join(root, 'own'),
    key: places.key,
    requests,
    server: server.pid ?? 0,
    as: asNobody,
    async ask(name, args) {
      const answer = await mcp.request('tools/call', { name, arguments: args })
      return JSON.stringify(answer)
    },
    async gonogo(argv, { env: added = {}, typing } = {}) {
      if (typing)
        return (
          await runInTerminal(argv, { cwd: root, env, typing, program: [...started], user: nobody })
        ).stdout
      // Not at once: this process is also the live system that is asked.
      const done = spawn(started[0], [started[1], ...argv], {
        ...as,
        env: { ...env, ...added },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const said = Promise.all([text(done.stdout), text(done.stderr)])
      return (await said).join('')
    },
    run,
    async settled() {
      await until('keepers and runs to end', async () => (await workers(root)).length === 0)
    },
    async approve(id) {
      const machine = startMachine(atDesk)
      await approveOn(machine, shop, id)
      await machine.close()
      handOver(root)
    },
    async close() {
      await mcp[Symbol.asyncDispose]()
      await project.close()
    },
  }
}

async function workers(root: string): Promise<unknown[]> {
  const all = await processesOf(root)
  return all.filter((line) => /\b(?:keep|run-local)\b/.test(JSON.stringify(line)))
}

/** Puts everything in its place; what is not made nobody's stays root's. */
async function furnish(project: SmallProject, shop: Workshop) {
  const { root, config } = project
  chmodSync(root, 0o755)
  const node = join(root, 'opt/node')
  const main = join(root, 'opt/gonogo/dist/main.js')
  mkdirSync(dirname(main), { recursive: true })
  copyFileSync(process.execPath, node)
  cpSync(dirname(mainFile), dirname(main), { recursive: true })
  copyFileSync(join(dirname(mainFile), '../package.json'), join(root, 'opt/gonogo/package.json'))
  const repository = join(root, 'repository')
  cpSync(shop.repository.directory, repository, { recursive: true })
  const key = join(root, 'own/key')
  mkdirSync(dirname(key))
  for (const suffix of ['', '.pub']) copyFileSync(shop.key + suffix, key + suffix)
  spawnSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', key])
  const listed = readFileSync(join(root, 'state/approvers'), 'utf8')
  writeFileSync(
    join(root, 'approvers'),
    listed.replaceAll('protection=none', 'protection=passphrase'),
  )
  config['approvals'] = { mode: 'strict', signers_file: './approvers' }
  config['repository'] = repository
  traced(config, join(root, 'state/witness'))
  await project.save()
  return { node, main, key }
}

/** What root made on nobody's behalf becomes nobody's. */
function handOver(root: string): void {
  for (const name of ['state', 'production', 'staging', 'own', 'repository']) {
    const top = join(root, name)
    mkdirSync(top, { recursive: true })
    chownSync(top, nobody.uid, nobody.gid)
    for (const entry of readdirSync(top, { recursive: true, withFileTypes: true }))
      lchownSync(join(entry.parentPath, entry.name), nobody.uid, nobody.gid)
  }
}
