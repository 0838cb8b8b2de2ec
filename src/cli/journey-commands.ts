import { act, duration, examples, type Cli } from './command.ts'
import type { PlanOptions } from './commands/plan.ts'

/** What only looks on, beside the tools. */
export function addJourneyCommands(cli: Cli): void {
  cli.program.commandsGroup('The journey of a release:')
  addPlan(cli)
  addWatch(cli)
}

function addPlan(cli: Cli): void {
  const plan = cli.program
    .command('plan')
    .description('show everything a deployment would do, as it would be approved')
    .argument('<version>', 'branch, tag or commit')
    .option('--environment <name>', 'where to (default: the last environment)')
    .option('--allow-older', 'mean an older commit than the one that runs')
  examples(plan, 'gonogo plan v1.4.0', 'gonogo plan main --environment staging --json')
  act(cli, plan, async (session, [version]) =>
    (await import('./commands/plan.ts')).runPlan(session, version!, plan.opts<PlanOptions>()),
  )
}

function addWatch(cli: Cli): void {
  const watch = cli.program
    .command('watch')
    .description('look on: one deployment to its end, or all environments')
    .argument('[deployment_id]', 'as gonogo list shows it; without it: everything, until Ctrl-C')
    .option('--timeout <duration>', 'how long: 90s, 10m, 1h (default: with an id 30m)', duration)
  examples(watch, 'gonogo watch', 'gonogo watch dep_… --timeout 10m', 'gonogo watch --json')
  act(cli, watch, async (session, [id]) =>
    (await import('./commands/watch.ts')).runWatch(session, id, watch.opts<{ timeout?: number }>()),
  )
}
