import type { Command } from 'commander'
import { act, examples, type Cli } from './command.ts'
import type { ApproveFlags } from './commands/approve.ts'
import type { RequestFlags } from './commands/approve-request.ts'
import type { DecideFlags } from './commands/approval.ts'

const keyFlag = ['--key <file>', 'private key of an approver (default ~/.ssh/id_ed25519)'] as const

/** Requests for consent, and what people say to them. */
export function addApprovalCommands(cli: Cli): void {
  addApprove(cli)
  addReject(cli)
  const approval = cli.program
    .command('approval')
    .description('requests and what was decided about them')
  examples(approval, 'gonogo approval list --all', 'gonogo approval show apr_…')
  addHistory(cli, approval)
  addRevoke(cli, approval)
  addPortable(cli, approval)
}

function addApprove(cli: Cli): void {
  const { surface, argv, finish } = cli
  const approve = cli.program
    .command('approve')
    .description('show what waits, or show one plan and sign it')
    .argument('[approval_id]', 'a request; without it: list what waits')
    .option(...keyFlag)
    .option('--confirm <environment>', "the environment's name, instead of typing it")
    .option('--reason <text>', 'why; some environments want one')
    .option('--code', 'print a one-time code that alone can use this approval')
    .option('--request <file>', 'sign a request of gonogo approval export; "-" reads stdin')
  examples(
    approve,
    'gonogo approve',
    'gonogo approve apr_… --key ~/.ssh/id_ed25519',
    'gonogo approve apr_… --confirm production --json',
    'gonogo approve --request request.json > signed.json',
  )
  approve.action((id: string | undefined) => {
    const options: ApproveFlags & RequestFlags = approve.optsWithGlobals()
    const caller = { surface, options, argv }
    if (options.request === undefined)
      return finish(
        import('./session.ts').then(({ runCommand }) =>
          runCommand(caller, async (session) =>
            (await import('./commands/approve.ts')).runApprove(session, id, options),
          ),
        ),
      )
    return finish(
      import('./commands/approve-request.ts').then(({ runApproveRequest }) =>
        runApproveRequest(caller, id, options),
      ),
    )
  })
}

function addReject(cli: Cli): void {
  const reject = cli.program
    .command('reject')
    .description('turn an approval request down')
    .argument('<approval_id>', 'as gonogo approve lists it')
    .option('--reason <text>', 'told to whoever asks why')
    .option('--key <file>', "sign it; without: the default key, if it is an approver's")
  examples(reject, 'gonogo reject apr_… --reason "not before the weekend"')
  act(cli, reject, async (session, [id]) =>
    (await import('./commands/approval.ts')).runReject(session, id!, reject.opts<DecideFlags>()),
  )
}

function addHistory(cli: Cli, approval: Command): void {
  const list = approval
    .command('list')
    .description('show the requests that can still be used')
    .option('--all', 'every request there was')
  examples(list, 'gonogo approval list', 'gonogo approval list --all --json')
  act(cli, list, async (session) => {
    const { all = false } = list.opts<{ all?: boolean }>()
    return (await import('./commands/approval.ts')).runApprovalList(session, all)
  })
  const show = approval
    .command('show')
    .description('show a request with every decision, verified anew')
    .argument('<approval_id>', 'as gonogo approval list shows it')
  examples(show, 'gonogo approval show apr_…', 'gonogo approval show apr_… --json')
  act(cli, show, async (session, [id]) =>
    (await import('./commands/approval.ts')).runApprovalShow(session, id!),
  )
}

function addRevoke(cli: Cli, approval: Command): void {
  const revoke = approval
    .command('revoke')
    .description('take your approval back before it is used')
    .argument('<approval_id>', 'as gonogo approval list shows it')
    .option(...keyFlag)
    .option('--reason <text>', 'told to whoever asks why')
  examples(revoke, 'gonogo approval revoke apr_… --reason "wrong release"')
  act(cli, revoke, async (session, [id]) =>
    (await import('./commands/approval.ts')).runRevoke(session, id!, revoke.opts<DecideFlags>()),
  )
}

function addPortable(cli: Cli, approval: Command): void {
  const write = approval
    .command('export')
    .description('print a request, to be signed on another machine')
    .argument('<approval_id>', 'as gonogo approval list shows it')
  examples(write, 'gonogo approval export apr_… > request.json')
  act(cli, write, async (session, [id]) =>
    (await import('./commands/approval.ts')).runExport(session, id!),
  )
  const read = approval
    .command('import')
    .description('take in what gonogo approve --request signed there')
    .argument('<file>', 'the signed decision; "-" reads stdin')
  examples(
    read,
    'gonogo approval import signed.json',
    'ssh desk cat signed.json | gonogo approval import -',
  )
  act(cli, read, async (session, [file]) =>
    (await import('./commands/approval.ts')).runImport(session, file!),
  )
}
