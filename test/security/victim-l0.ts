import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runInTerminal } from '../support/terminal.ts'
import type { Workshop } from '../support/small-project.ts'
import { startMachine } from './machine.ts'
import { answer, approveOn, playShellActs, staticToken, traced } from './shell-scene.ts'
import type { Victim } from './victim.ts'

/** Everything belongs to gonogo's user, and the approver's key lies there without a passphrase. */
export async function victimAtL0(shop: Workshop): Promise<Victim> {
  const project = await shop.project({
    environments: ['staging', 'production'],
    configure: (config) => {
      config['approvals'] = {}
      const { ROOT } = config.environments['production']!['env'] as { ROOT: string }
      traced(config, join(ROOT, 'witness'))
    },
  })
  const { root } = project
  const own = join(root, 'own')
  mkdirSync(own)
  const env = { ...project.env, DEPLOYMENT_ADMIN_TOKENS: staticToken }
  const requests = await playShellActs({ root, env }, project, shop)
  // Something with gonogo's environment: what /proc shows of a server.
  const server = spawn('sleep', ['120'], { env, stdio: 'ignore' })
  const machine = startMachine({ root, env })
  return {
    level: 'L0',
    root,
    state: join(root, 'state'),
    signers: join(root, 'state/approvers'),
    production: join(root, 'production'),
    repository: shop.repository.directory,
    witness: join(root, 'witness'),
    own,
    key: shop.key,
    requests,
    server: server.pid ?? 0,
    as: (work) => work(),
    ask: async (tool, args) => await answer(machine, await machine.open(), tool, args),
    async gonogo(argv, { env: added = {}, typing } = {}) {
      const { text } = typing
        ? { text: (await runInTerminal(argv, { cwd: root, env: project.env, typing })).stdout }
        : await machine.gonogo(argv, { env: added })
      return text
    },
    run: ([program, ...args], { input, env: more } = {}) =>
      spawnSync(program, args, { input, env: { ...project.env, ...more }, encoding: 'utf8' })
        .stdout,
    settled: () => machine.settled(),
    approve: (id) => approveOn(machine, shop, id),
    async close() {
      server.kill()
      await machine.close()
      await project.close()
    },
  }
}
