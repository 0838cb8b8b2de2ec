import { act, examples, type Cli } from './command.ts'
import type { McpCommandOptions } from './commands/mcp.ts'
import { exits } from './exit.ts'

/** The commands that run for long, or that gonogo runs itself. */
export function addServiceCommands(cli: Cli): void {
  const { program, surface, finish } = cli
  program.commandsGroup('Running gonogo:')
  addKeep(cli)
  const mcp = program
    .command('mcp')
    .description('serve the tools to an MCP client on stdin and stdout')
    .option('--toolsets <list>', 'comma-separated: core, delivery (default: both)')
    .option('--read-only', 'offer no tool that changes an environment')
    .option('--wait-seconds <number>', 'how long a call may take before it answers pending', '45')
  examples(mcp, 'gonogo mcp --project ~/shop', 'gonogo mcp --read-only --toolsets core')
  mcp.action(() => {
    const flags: McpCommandOptions = mcp.optsWithGlobals()
    return finish(import('./commands/mcp.ts').then(({ runMcp }) => runMcp(surface, flags)))
  })
  program
    .command('run-local', { hidden: true })
    .argument('<run_directory>')
    .action((directory: string) => finish(surface.runLocal(directory).then(() => exits.done)))
}

function addKeep(cli: Cli): void {
  const keep = cli.program
    .command('keep')
    .description('drive deployments to their end; gonogo starts this by itself')
    .argument('[deployment_id]', 'as gonogo list shows it; without it: everything, until Ctrl-C')
  keep.option('--outbox', 'send the messages that wait, until none does')
  examples(keep, 'gonogo keep dep_…', 'gonogo keep', 'gonogo keep --outbox')
  act(cli, keep, async (session, [id]) => {
    const { runKeep, runOutbox } = await import('./commands/keep.ts')
    return keep.opts<{ outbox?: boolean }>().outbox
      ? await runOutbox(session, id)
      : await runKeep(session, id)
  })
}
