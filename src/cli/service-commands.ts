import { act, type Cli } from './command.ts'
import type { McpCommandOptions } from './commands/mcp.ts'
import { exits } from './exit.ts'
import type { CommonOptions } from './session.ts'

/** The commands that run for long, or that gonogo runs itself. */
export function addServiceCommands(cli: Cli): void {
  const { program, surface, finish } = cli
  program.commandsGroup('Running gonogo:')
  const watch = program
    .command('watch')
    .description('drive a deployment to its end, or all that are under way')
    .argument('[deployment_id]')
  act(cli, watch, async (session, [id]) =>
    (await import('./commands/watch.ts')).runWatch(session, id),
  )
  const mcp = program
    .command('mcp')
    .description('serve the tools to an MCP client on stdin and stdout')
    .option('--toolsets <list>', 'comma-separated: core, delivery (default: both)')
    .option('--read-only', 'offer no tool that changes an environment')
    .option('--wait-seconds <number>', 'how long a call may take before it answers pending', '45')
  mcp.action(() => {
    const flags: McpCommandOptions = mcp.optsWithGlobals()
    return finish(import('./commands/mcp.ts').then(({ runMcp }) => runMcp(surface, flags)))
  })
  const init = program
    .command('init')
    .description('write a gonogo.yaml with the local pipeline to start from')
  init.action(() => {
    const flags: CommonOptions = init.optsWithGlobals()
    return finish(import('./commands/init.ts').then(({ runInit }) => runInit(surface, flags)))
  })
  program
    .command('run-local', { hidden: true })
    .argument('<run_directory>')
    .action((directory: string) => finish(surface.runLocal(directory).then(() => exits.done)))
}
