import type { Command } from 'commander'
import { addApprovalCommands } from './approval-commands.ts'
import { act, examples, type Cli } from './command.ts'
import type { ReviewOptions } from './commands/review.ts'
import type { TrustOptions } from './commands/trust.ts'

/** The commands only people use: no tool reaches what they do. */
export function addDeskCommands(cli: Cli): void {
  cli.program.commandsGroup('What only people do:')
  addApprovalCommands(cli)
  addReviewCommands(cli)
  addApproverCommands(cli)
  addTrust(cli)
  addRecordCommands(cli)
}

function addReviewCommands(cli: Cli): void {
  const review = cli.program
    .command('review')
    .description('reviews that a run waits for on GitHub, given with your own token')
  examples(review, 'gonogo review list', 'gonogo review approve dep_… --gh')
  const list = review.command('list').description('show whose run waits for a review')
  examples(list, 'gonogo review list', 'gonogo review list --json')
  act(cli, list, async (session) => (await import('./commands/review.ts')).runReviewList(session))
  const approve = review
    .command('approve')
    .description('let the run go on, as the person whose token it is')
    .option('--confirm <environment>', "the environment's name, instead of typing it")
  addReview(cli, approve, 'approved')
  const reject = review.command('reject').description('end the run before it deploys')
  addReview(cli, reject, 'rejected')
}

function addReview(cli: Cli, command: Command, verdict: 'approved' | 'rejected'): void {
  command
    .argument('<deployment_id>', 'as gonogo review list shows it')
    .option('--comment <text>', 'told on GitHub')
    .option('--gh', 'take the token gh is signed in with, instead of GONOGO_REVIEW_TOKEN')
  examples(
    command,
    `gonogo review ${command.name()} dep_… --gh`,
    `gonogo review ${command.name()} dep_… --comment "seen in staging" --json`,
  )
  act(cli, command, async (session, [id]) => {
    const options = command.opts<ReviewOptions>()
    return (await import('./commands/review.ts')).runReview(session, verdict, id!, options)
  })
}

function addApproverCommands(cli: Cli): void {
  const approver = cli.program.command('approver').description('whose signature counts')
  examples(
    approver,
    'gonogo approver list',
    'gonogo approver add ada@example.org --key ~/.ssh/id_ed25519',
  )
  const list = approver.command('list').description('show the approvers')
  examples(list, 'gonogo approver list', 'gonogo approver list --json')
  act(cli, list, async (session) => (await import('./commands/desk.ts')).runApproverList(session))
  const add = approver
    .command('add')
    .description('register an approver')
    .argument('<name>', 'such as an email address')
    .requiredOption('--key <file>', 'private key file; its public half is registered')
  examples(add, 'gonogo approver add ada@example.org --key ~/.ssh/id_ed25519')
  act(cli, add, async (session, [name]) => {
    const { key } = add.opts<{ key: string }>()
    return (await import('./commands/desk.ts')).runApproverAdd(session, name!, key)
  })
  const remove = approver
    .command('remove')
    .description('take the right to approve away')
    .argument('<name>', 'as gonogo approver list shows it')
  examples(remove, 'gonogo approver remove ada@example.org')
  act(cli, remove, async (session, [name]) =>
    (await import('./commands/desk.ts')).runApproverRemove(session, name!),
  )
}

function addTrust(cli: Cli): void {
  const trust = cli.program
    .command('trust')
    .description('show the policy, or what changed in it, and sign it')
    .option('--key <file>', 'private key of an approver (default ~/.ssh/id_ed25519)')
    .option('--confirm <project>', "the project's name, instead of typing it")
    .option('--check', 'only show where it stands: exit code 0 trusted, 6 not')
  examples(trust, 'gonogo trust', 'gonogo trust --check', 'gonogo trust --confirm shop --json')
  act(cli, trust, async (session) =>
    (await import('./commands/trust.ts')).runTrust(session, trust.opts<TrustOptions>()),
  )
}

function addRecordCommands(cli: Cli): void {
  const adopt = cli.program
    .command('adopt')
    .description('record what an environment runs already')
    .argument('<environment>', 'its name, such as production')
    .argument('<version>', 'version, tag or commit')
  examples(adopt, 'gonogo adopt production v1.3.2')
  act(cli, adopt, async (session, [environment, ref]) =>
    (await import('./commands/desk.ts')).runAdopt(session, environment!, ref!),
  )
  const hold = cli.program
    .command('hold')
    .description('releases that were rolled back and may not return')
  examples(hold, 'gonogo hold list', 'gonogo hold lift production v1.4.0')
  const list = hold.command('list').description('show the held releases')
  examples(list, 'gonogo hold list', 'gonogo hold list --json')
  act(cli, list, async (session) => (await import('./commands/desk.ts')).runHoldList(session))
  const lift = hold
    .command('lift')
    .description('let a held release return')
    .argument('<environment>', 'its name, such as production')
    .argument('<version>', 'version, tag or commit')
  examples(lift, 'gonogo hold lift production v1.4.0')
  act(cli, lift, async (session, [environment, ref]) =>
    (await import('./commands/desk.ts')).runHoldLift(session, environment!, ref!),
  )
}
