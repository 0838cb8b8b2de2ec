import { act, examples, type Cli } from './command.ts'

/** Who hears of what happens, and whether they do. */
export function addNotificationCommands(cli: Cli): void {
  const notifications = cli.program
    .command('notifications')
    .description('who hears of what happens, and what became of the messages')
  examples(notifications, 'gonogo notifications list', 'gonogo notifications test team')
  const list = notifications
    .command('list')
    .description('show the targets, and the newest messages')
  examples(list, 'gonogo notifications list', 'gonogo notifications list --json')
  act(cli, list, async (session) =>
    (await import('./commands/notifications.ts')).runNotificationList(session),
  )
  const test = notifications
    .command('test')
    .description('send a message that says no more than that it is one')
    .argument('<name>', 'a target, as gonogo notifications list shows it')
  examples(test, 'gonogo notifications test team')
  act(cli, test, async (session, [name]) =>
    (await import('./commands/notifications.ts')).runNotificationTest(session, name!),
  )
}
