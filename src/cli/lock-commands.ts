import type { Command } from 'commander'
import { act, examples, type Cli } from './command.ts'
import type { ReviewSignOptions } from './commands/break-glass.ts'
import type { ExplainOptions } from './commands/freeze.ts'
import type { BreakOptions } from './commands/lock.ts'
import type { LineOptions } from './commands/stop-the-line.ts'

/** What keeps deployments out, and what lets them in all the same. */
export function addLockCommands(cli: Cli): void {
  cli.program.commandsGroup('What holds deployments back:')
  addLock(cli)
  addFreeze(cli)
  addStopTheLine(cli)
  addBreakGlass(cli)
}

const environmentText = 'its name, such as production'

function addLock(cli: Cli): void {
  const lock = cli.program.command('lock').description('who has an environment to themselves')
  examples(lock, 'gonogo lock status', 'gonogo lock take production --reason "moving the database"')
  const status = lock
    .command('status')
    .description('show who holds an environment, and who waits')
    .argument('[environment]', `${environmentText} (default: all)`)
  examples(status, 'gonogo lock status', 'gonogo lock status production --json')
  act(cli, status, async (session, [name]) =>
    (await import('./commands/lock.ts')).runLockStatus(session, name),
  )
  addTake(cli, lock)
  const release = lock
    .command('release')
    .description('give back what you took')
    .argument('<environment>', environmentText)
  examples(release, 'gonogo lock release production')
  act(cli, release, async (session, [name]) =>
    (await import('./commands/lock.ts')).runLockRelease(session, name!),
  )
  const broken = lock
    .command('break')
    .description('take an environment away from whoever holds it')
    .argument('<environment>', environmentText)
    .option('--confirm <environment>', "the environment's name, instead of typing it")
  examples(broken, 'gonogo lock break production', 'gonogo lock break staging --confirm staging')
  act(cli, broken, async (session, [name]) => {
    const options = broken.opts<BreakOptions>()
    return (await import('./commands/lock.ts')).runLockBreak(session, name!, options)
  })
}

function addTake(cli: Cli, lock: Command): void {
  const take = lock
    .command('take')
    .description('keep other deployments out until you release it; rollbacks go past it')
    .argument('<environment>', environmentText)
    .requiredOption('--reason <text>', 'told to everybody who is refused')
  examples(take, 'gonogo lock take production --reason "moving the database"')
  act(cli, take, async (session, [name]) => {
    const { reason } = take.opts<{ reason: string }>()
    return (await import('./commands/lock.ts')).runLockTake(session, name!, reason)
  })
}

function addFreeze(cli: Cli): void {
  const freeze = cli.program.command('freeze').description('times in which nothing new goes in')
  examples(freeze, 'gonogo freeze status', 'gonogo freeze explain 2026-12-24T18:00')
  const status = freeze
    .command('status')
    .description('show whether a freeze is open, until when, and what comes next')
    .argument('[environment]', `${environmentText} (default: all)`)
  examples(status, 'gonogo freeze status', 'gonogo freeze status production --json')
  act(cli, status, async (session, [name]) =>
    (await import('./commands/freeze.ts')).runFreezeStatus(session, name),
  )
  const explain = freeze
    .command('explain')
    .description('say what would hold at a time, and why')
    .argument('<time>', '2026-12-24, 2026-12-24T18:00 or 2026-12-24T18:00+01:00')
    .argument('[environment]', 'its name (default: the last environment)')
    .option('--time-zone <zone>', 'whose clocks show it (default: those of the windows)')
  examples(
    explain,
    'gonogo freeze explain 2026-12-24T18:00',
    'gonogo freeze explain 2026-10-25T02:30 --time-zone Europe/Berlin --json',
  )
  act(cli, explain, async (session, [time, name]) => {
    const options = explain.opts<ExplainOptions>()
    return (await import('./commands/freeze.ts')).runFreezeExplain(session, time!, name, options)
  })
}

function addStopTheLine(cli: Cli): void {
  const line = cli.program
    .command('stop-the-line')
    .description('stop every promotion of the project, or let them go on')
    .option('--reason <text>', 'why; told to everybody who is refused')
    .option('--lift', 'let promotions go on: signed by an approver')
    .option('--status', 'only show where it stands: exit code 0 running, 6 stopped')
    .option('--key <file>', 'with --lift: private key of an approver (default ~/.ssh/id_ed25519)')
    .option('--confirm <project>', "with --lift: the project's name, instead of typing it")
  examples(
    line,
    'gonogo stop-the-line --reason "orders are lost since this morning"',
    'gonogo stop-the-line --status --json',
    'gonogo stop-the-line --lift --key ~/.ssh/id_ed25519',
  )
  act(cli, line, async (session) =>
    (await import('./commands/stop-the-line.ts')).runStopTheLine(session, line.opts<LineOptions>()),
  )
}

function addBreakGlass(cli: Cli): void {
  const glass = cli.program
    .command('break-glass')
    .description('deployments that went around gates in an emergency, and their reviews')
  examples(glass, 'gonogo break-glass list', 'gonogo break-glass review dep_… --comment "seen"')
  const list = glass
    .command('list')
    .description('show whose review is owed: exit code 0 nobody, 6 somebody')
    .option('--all', 'those that were reviewed, too')
  examples(list, 'gonogo break-glass list', 'gonogo break-glass list --all --json')
  act(cli, list, async (session) => {
    const { all } = list.opts<{ all?: boolean }>()
    return (await import('./commands/break-glass.ts')).runBreakGlassList(session, all === true)
  })
  const review = glass
    .command('review')
    .description('look at one afterwards, and sign that')
    .argument('<deployment_id>', 'as gonogo break-glass list shows it')
    .requiredOption('--comment <text>', 'what you found; kept and signed')
    .option('--key <file>', 'private key of an approver (default ~/.ssh/id_ed25519)')
    .option('--confirm <deployment_id>', 'its id, instead of typing it')
  examples(
    review,
    'gonogo break-glass review dep_… --comment "it was needed, and staging has it now"',
  )
  act(cli, review, async (session, [id]) => {
    const options = review.opts<ReviewSignOptions>()
    return (await import('./commands/break-glass.ts')).runBreakGlassReview(session, id!, options)
  })
}
