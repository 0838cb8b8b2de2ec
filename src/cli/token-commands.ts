import { InvalidArgumentError, Option, type Command } from 'commander'
import { callerRoles } from '../core/caller.ts'
import { act, examples, type Cli } from './command.ts'
import type { TokenOptions } from './commands/token.ts'

/** Who calls, and what they may do. */
export function addTokenCommands(cli: Cli): void {
  cli.program.commandsGroup('Who may call:')
  addWhoami(cli)
  const token = cli.program
    .command('token')
    .description('tokens that name callers and limit what they may do')
  examples(
    token,
    'gonogo token create ci --role deployer --environment staging',
    'gonogo token list',
    'gonogo token revoke ci',
  )
  addTokenCreate(cli, token)
  const list = token.command('list').description('show the tokens')
  examples(list, 'gonogo token list', 'gonogo token list --json')
  act(cli, list, async (session) => (await import('./commands/token.ts')).runTokenList(session))
  const revoke = token
    .command('revoke')
    .description('end a token: the next call with it is refused')
    .argument('<token>', 'id or name, as gonogo token list shows it')
  examples(revoke, 'gonogo token revoke ci', 'gonogo token revoke tok_… --json')
  act(cli, revoke, async (session, [which]) =>
    (await import('./commands/token.ts')).runTokenRevoke(session, which!),
  )
}

function addTokenCreate(cli: Cli, token: Command): void {
  const create = token
    .command('create')
    .description('make a token and show it, once')
    .argument('<name>', 'who calls with it, such as ci or ada-laptop')
    .addOption(
      new Option(
        '--role <role>',
        'auditor reads; operator also checks and rolls back; deployer all',
      )
        .choices(callerRoles)
        .makeOptionMandatory(),
    )
    .option('--environment <name...>', 'environments it is for (default: all)')
    .option(
      '--expires <duration>',
      'how long it may be used: 12h, 90d, 52w or never',
      validity,
      '90d',
    )
  examples(
    create,
    'gonogo token create ci --role deployer --environment staging --expires 30d',
    'gonogo token create watcher --role auditor --json',
  )
  act(cli, create, async (session, [name]) =>
    (await import('./commands/token.ts')).runTokenCreate(
      session,
      name!,
      create.opts<TokenOptions>(),
    ),
  )
}

function addWhoami(cli: Cli): void {
  const whoami = cli.program
    .command('whoami')
    .description('show as whom this gonogo calls, and where that comes from')
  examples(whoami, 'gonogo whoami', 'gonogo whoami --json')
  act(cli, whoami, async (session) => (await import('./commands/whoami.ts')).runWhoami(session))
  const permissions = cli.program
    .command('permissions')
    .description('show what this caller may do where, and whose approval it takes')
  examples(permissions, 'gonogo permissions', 'gonogo permissions --json')
  act(cli, permissions, async (session) =>
    (await import('./commands/permissions.ts')).runPermissions(session),
  )
}

/** Checked before anything is opened. */
function validity(text: string): string {
  if (/^(?:never|[1-9]\d{0,3}[hdw])$/.test(text)) return text
  throw new InvalidArgumentError('Write it as 12h, 90d, 52w or never.')
}
