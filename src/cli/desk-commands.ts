import type { Command } from 'commander'
import { act, wholeNumber, type Cli } from './command.ts'
import type { ApproveOptions } from './commands/approve.ts'

/** The commands only people use: no tool reaches what they do. */
export function addDeskCommands(cli: Cli): void {
  cli.program.commandsGroup('What only people do:')
  addApprovalCommands(cli)
  addApproverCommands(cli)
  addRecordCommands(cli)
  cli.program.commandsGroup('The record:')
  addAuditCommands(cli)
}

function addApprovalCommands(cli: Cli): void {
  const approve = cli.program
    .command('approve')
    .description('show what waits, or show one plan and sign it')
    .argument('[approval_id]', 'a request; without it: list what waits')
    .option('--key <file>', 'private key of an approver (default ~/.ssh/id_ed25519)')
    .option('--confirm <environment>', "the environment's name, instead of typing it")
  act(cli, approve, async (session, [id]) =>
    (await import('./commands/approve.ts')).runApprove(session, id, approve.opts<ApproveOptions>()),
  )
  const reject = cli.program
    .command('reject')
    .description('turn an approval request down')
    .argument('<approval_id>')
    .option('--reason <text>', 'told to whoever asks why')
  act(cli, reject, async (session, [id]) =>
    (await import('./commands/desk.ts')).runReject(
      session,
      id!,
      reject.opts<{ reason?: string }>(),
    ),
  )
}

function addApproverCommands(cli: Cli): void {
  const approver = cli.program.command('approver').description('whose signature counts')
  act(cli, approver.command('list').description('show the approvers'), async (session) =>
    (await import('./commands/desk.ts')).runApproverList(session),
  )
  const add = approver
    .command('add')
    .description('register an approver')
    .argument('<name>', 'such as an email address')
    .requiredOption('--key <file>', 'key file; its public half is registered')
  act(cli, add, async (session, [name]) => {
    const { key } = add.opts<{ key: string }>()
    return (await import('./commands/desk.ts')).runApproverAdd(session, name!, key)
  })
  const remove = approver
    .command('remove')
    .description('take the right to approve away')
    .argument('<name>')
  act(cli, remove, async (session, [name]) =>
    (await import('./commands/desk.ts')).runApproverRemove(session, name!),
  )
}

function addRecordCommands(cli: Cli): void {
  const adopt = cli.program
    .command('adopt')
    .description('record what an environment runs already')
    .argument('<environment>')
    .argument('<version>', 'version, tag or commit')
  act(cli, adopt, async (session, [environment, ref]) =>
    (await import('./commands/desk.ts')).runAdopt(session, environment!, ref!),
  )
  const hold = cli.program
    .command('hold')
    .description('releases that were rolled back and may not return')
  act(cli, hold.command('list').description('show the held releases'), async (session) =>
    (await import('./commands/desk.ts')).runHoldList(session),
  )
  const lift = hold
    .command('lift')
    .description('let a held release return')
    .argument('<environment>')
    .argument('<version>', 'version, tag or commit')
  act(cli, lift, async (session, [environment, ref]) =>
    (await import('./commands/desk.ts')).runHoldLift(session, environment!, ref!),
  )
}

function addAuditCommands(cli: Cli): void {
  const audit: Command = cli.program
    .command('audit')
    .description('show the audit log')
    .option('--limit <number>', 'lines to show', wholeNumber(1, 1000), 20)
  act(cli, audit, async (session) => {
    const { limit } = audit.opts<{ limit: number }>()
    return (await import('./commands/audit.ts')).runAudit(session, limit)
  })
  const verify = audit
    .command('verify')
    .description('check that nobody changed the log, or a copy of it')
    .argument('[file]', 'a copy; without it: the log itself')
  act(cli, verify, async (session, [file]) =>
    (await import('./commands/audit.ts')).runAuditVerify(session, file),
  )
}
