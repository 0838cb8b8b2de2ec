import { Command, CommanderError, type Help, type Option } from 'commander'
import { addToolCommand } from './add-tool-command.ts'
import { addAuditCommands } from './audit-commands.ts'
import type { Cli } from './command.ts'
import { addDeskCommands } from './desk-commands.ts'
import { exits, type ExitCode } from './exit.ts'
import { addJourneyCommands } from './journey-commands.ts'
import { addLockCommands } from './lock-commands.ts'
import { addNotificationCommands } from './notification-commands.ts'
import { addServiceCommands } from './service-commands.ts'
import { addSetupCommands } from './setup-commands.ts'
import type { Surface } from './surface.ts'
import { columnsOf } from './terminal.ts'
import { helpLast, refuseUnknownHelp } from './help.ts'
import { addTokenCommands } from './token-commands.ts'
import { toolCommands } from './tool-commands.ts'

/** Parses the command line and runs it to an exit code. Each command loads only what it uses. */
export async function runCli(argv: readonly string[], surface: Surface): Promise<ExitCode> {
  let exit: ExitCode = exits.done
  const finish = async (code: Promise<ExitCode>) => {
    exit = await code
  }
  const json = argv.includes('--json')
  const program = await buildProgram({ program: newProgram(surface, json), surface, argv, finish })
  try {
    refuseUnknownHelp(program, argv)
    await program.parseAsync(helpLast(argv), { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exits.done
    // A command that only groups others has answered with its help.
    if (isMissingCommand(error) && !json) return exits.usage
    const { printFailure } = await import('./session.ts')
    const { usageFailure } = await import('./usage.ts')
    const failure =
      error instanceof CommanderError ? usageFailure(error, program, helpLast(argv)) : error
    return printFailure(surface, { json }, failure)
  }
}

function isMissingCommand(error: unknown): boolean {
  return error instanceof CommanderError && error.code === 'commander.help'
}

export async function buildProgram(cli: Cli): Promise<Command> {
  cli.program.commandsGroup('The journey of a release:')
  for (const entry of toolCommands) await addToolCommand(cli, entry)
  addJourneyCommands(cli)
  addSetupCommands(cli)
  addDeskCommands(cli)
  addLockCommands(cli)
  addTokenCommands(cli)
  addAuditCommands(cli)
  addNotificationCommands(cli)
  addServiceCommands(cli)
  return cli.program
}

export function newProgram({ version, out, err }: Surface, json: boolean): Command {
  return new Command('gonogo')
    .description('Deployments an AI assistant can run and a human can trust.')
    .version(version)
    .option('--project <dir>', 'directory that holds gonogo.yaml (also GONOGO_PROJECT)')
    .option('--json', 'one JSON object on stdout, for errors too')
    .option('--quiet', 'no progress on stderr')
    .option('--exact-times', 'moments as they are, instead of "3 min ago"')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => json || err.write(text),
      // Printed by ourselves, as text or as JSON.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(columnsOf(out), widestHelp),
      getErrHelpWidth: () => Math.min(columnsOf(err), widestHelp),
    })
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions, minWidthToWrap: 20 })
    .addHelpCommand(
      new Command('help')
        .helpOption(false)
        .argument('[command...]')
        .description('show the help of a command')
        .helpGroup('Help:'),
    )
    .addHelpText('after', closing)
}

/** Longer lines are hard to read, however wide the terminal is. */
const widestHelp = 100

/** The flags every command takes; asking a command for the version helps nobody. */
function visibleGlobalOptions(this: Help, { parent }: Command): Option[] {
  if (parent === null) return []
  // What a group takes for itself, such as `audit --limit`, means nothing below it.
  if (parent.parent !== null) return this.visibleGlobalOptions(parent)
  return parent.options.filter((option) => option.attributeName() !== 'version')
}

const closing = `
Exit codes: 0 done, 1 failed or no-go, 2 usage, 3 declined, 4 not permitted,
5 deployment ended badly, 6 blocked or approval wanted, 8 still pending,
130 interrupted. More: docs/cli.md`
