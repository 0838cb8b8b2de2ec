import type { Command } from 'commander'
import { act, duration, examples, type Cli } from './command.ts'
import type { ToolFlags } from './commands/tool.ts'
import { startingTools, type ToolCommand } from './tool-commands.ts'

/** Only the command that was typed pays for its tool's schema; the others need but a line of help. */
export async function addToolCommand(cli: Cli, entry: ToolCommand): Promise<void> {
  const command = cli.program.command(entry.command).description(entry.summary)
  examples(command, ...entry.examples)
  if (!cli.argv.includes(entry.command)) return
  const [tool, { declareInputs, toolInput }, { runTool }] = await Promise.all([
    entry.load(),
    import('./flags.ts'),
    import('./commands/tool.ts'),
  ])
  declareInputs(command, entry, tool)
  addFollowFlags(command, entry.tool)
  act(cli, command, async (session, args) => {
    const flags = command.opts<ToolFlags>()
    const input = toolInput(entry, tool, { args, flags, env: cli.surface.env })
    return await runTool(session, tool, input, flags)
  })
}

function addFollowFlags(command: Command, tool: string): void {
  if (tool === 'run_smoke_tests') {
    command.option('--junit <file>', 'write the results as JUnit XML, too')
  }
  if (startingTools.has(tool) || tool === 'get_deployment_status') {
    command
      .option('--watch', 'follow it to its end')
      .option('--timeout <duration>', 'how long to follow: 90s, 10m, 1h (default 30m)', duration)
  }
  if (!startingTools.has(tool)) return
  command.option('--yes', 'confirm without asking; never approves what needs an approval')
  command.option('--key <file>', "an approver's private key: show the plan, approve it and go on")
  command.option(
    '--confirm <environment>',
    "with --key: the environment's name, instead of typing it",
  )
}
