import { examples, type Cli } from './command.ts'
import type { ConfigSchemaOptions } from './commands/config-schema.ts'
import type { CommonOptions } from './session.ts'

/** From somebody's own repository to a configured, understood gonogo. */
export function addSetupCommands(cli: Cli): void {
  cli.program.commandsGroup('Setting gonogo up:')
  addInit(cli)
  addConfig(cli)
}

function addInit({ program, surface, finish }: Cli): void {
  const init = program
    .command('init')
    .description('write a gonogo.yaml with the local pipeline to start from')
  examples(init, 'gonogo init')
  init.action(() => {
    const flags: CommonOptions = init.optsWithGlobals()
    return finish(import('./commands/init.ts').then(({ runInit }) => runInit(surface, flags)))
  })
}

function addConfig({ program, surface, finish }: Cli): void {
  const config = program
    .command('config')
    .description('what is configured, and what each key means')
  examples(config, 'gonogo config show', 'gonogo config explain approvals.mode')
  const show = config
    .command('show')
    .description('the effective configuration: each value and where it came from, without secrets')
    .argument('[key]', 'only this key and what is below it, such as environments.staging')
  show.action((key?: string) => {
    const flags: CommonOptions = show.optsWithGlobals()
    const run = import('./commands/config-show.ts')
    return finish(run.then(({ runConfigShow }) => runConfigShow(surface, flags, key)))
  })
  examples(show, 'gonogo config show', 'gonogo config show environments.staging --json')
  const explain = config
    .command('explain')
    .description('what a key or an environment variable means, and what it is now')
    .argument('[key]', 'such as approvals.mode, tests.run or STAGING_URL; without it: the sections')
  explain.action((key?: string) => {
    const flags: CommonOptions = explain.optsWithGlobals()
    const run = import('./commands/config-explain.ts')
    return finish(run.then(({ runConfigExplain }) => runConfigExplain(surface, flags, key)))
  })
  examples(explain, 'gonogo config explain', 'gonogo config explain environments.verify')
  const schema = config
    .command('schema')
    .description('the JSON Schema of gonogo.yaml, for editors')
    .option('--write', 'put it beside gonogo.yaml as gonogo.schema.json')
  examples(schema, 'gonogo config schema --write')
  schema.action(() => {
    const flags: ConfigSchemaOptions = schema.optsWithGlobals()
    const run = import('./commands/config-schema.ts')
    return finish(run.then(({ runConfigSchema }) => runConfigSchema(surface, flags)))
  })
}
