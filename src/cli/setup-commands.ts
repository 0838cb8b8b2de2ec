import { Argument, InvalidArgumentError, Option } from 'commander'
import { examples, type Cli } from './command.ts'
import type { ConfigSchemaOptions } from './commands/config-schema.ts'
import type { DoctorOptions } from './commands/doctor.ts'
import type { InitOptions } from './commands/init.ts'
import type { InstallOptions } from './commands/install.ts'
import type { MigrationsOptions } from './commands/migrations.ts'
import type { PreflightOptions } from './commands/preflight.ts'
import type { Shell } from './completion/scripts.ts'
import type { ExitCode } from './exit.ts'
import type { CommonOptions } from './session.ts'

/** From somebody's own repository to a configured, understood gonogo. */
export function addSetupCommands(cli: Cli): void {
  cli.program.commandsGroup('Setting gonogo up:')
  addInit(cli)
  addConfig(cli)
  addInstall(cli)
  addDoctor(cli)
  addPreflight(cli)
  addMigrations(cli)
  addCompletion(cli)
}

function addInit({ program, surface, argv, finish }: Cli): void {
  const init = program
    .command('init')
    .description('read this repository and write a commented gonogo.yaml')
    .option('--yes', 'ask nothing; every guess stays marked in the file')
    .option('--overwrite', 'replace an existing gonogo.yaml, after showing the difference')
    .addOption(
      new Option('--pipeline <name>', 'what carries deployments out; without it: none').choices([
        'local',
        'github',
        'none',
      ]),
    )
    .addOption(
      new Option(
        '--demo',
        'make a small service to try gonogo on instead, in ./gonogo-demo',
      ).conflicts(['overwrite', 'pipeline']),
    )
  examples(init, 'gonogo init', 'gonogo init --yes --pipeline github', 'gonogo init --demo')
  init.action(() => {
    const { demo } = init.opts<{ demo?: boolean }>()
    if (demo) return finish(demoOf(surface, init.optsWithGlobals()))
    const flags: InitOptions = init.optsWithGlobals()
    return finish(import('./commands/init.ts').then(({ runInit }) => runInit(surface, flags, argv)))
  })
}

async function demoOf(surface: Cli['surface'], flags: CommonOptions): Promise<ExitCode> {
  const { runInitDemo } = await import('./commands/init-demo.ts')
  return await runInitDemo(surface, flags)
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

function addInstall({ program, surface, finish }: Cli): void {
  const install = program
    .command('install')
    .description('connect an assistant: write how its client starts gonogo')
    .addOption(
      new Option('--client <client>', 'which client; without it: list them').choices([
        'claude-code',
        'claude-desktop',
        'vscode',
        'cursor',
        'codex',
        'gemini',
      ]),
    )
    .addOption(
      new Option('--scope <scope>', "the project's file, or yours for all projects").choices([
        'project',
        'user',
      ]),
    )
    .option('--name <name>', "the server's name in the client", 'gonogo')
    .option('--read-only', 'a server without tools that change an environment')
    .option('--dry-run', 'show the difference, and write nothing')
    .option('--print', 'print what belongs in the file, and write nothing')
    .addOption(new Option('--uninstall', 'take the entry out again').conflicts('print'))
  install.action(() => {
    const flags: InstallOptions = install.optsWithGlobals()
    const run = import('./commands/install.ts')
    return finish(run.then(({ runInstall }) => runInstall(surface, flags)))
  })
  examples(
    install,
    'gonogo install --client claude-code --dry-run',
    'gonogo install --client codex --scope user --read-only',
    'gonogo install --client vscode --uninstall',
  )
}

function addDoctor({ program, surface, finish }: Cli): void {
  const doctor = program
    .command('doctor')
    .description('what is well with this set-up, what is not, and the command that mends it')
    .option('--drill', 'walk the way to production as dry runs instead, and tell what was done')
    .option('--offline', 'leave live systems alone')
  doctor.action(() => {
    const flags: DoctorOptions = doctor.optsWithGlobals()
    const run = import('./commands/doctor.ts')
    return finish(
      run.then(({ runDoctor, runDrill }) => (flags.drill ? runDrill : runDoctor)(surface, flags)),
    )
  })
  examples(doctor, 'gonogo doctor', 'gonogo doctor --drill', 'gonogo doctor --offline --json')
}

function addPreflight({ program, surface, finish }: Cli): void {
  const preflight = program
    .command('preflight')
    .description('what starting a GitHub workflow would really do: its jobs, and what is wrong')
    .argument('[file]', 'the workflow; without it: the one that is configured, or the only one')
    .option('--event <event>', 'what starts it', 'workflow_dispatch')
    .option('--input <name=value>', 'an input it is started with; may be repeated', addInput)
    .option('--ref <git_ref>', 'branch or tag it is started on; without it: the default branch')
    .option('--environment <environment>', 'the environment that is to be deployed')
  preflight.action((file?: string) => {
    const flags: PreflightOptions = preflight.optsWithGlobals()
    const run = import('./commands/preflight.ts')
    return finish(run.then(({ runPreflight }) => runPreflight(surface, flags, file)))
  })
  examples(
    preflight,
    'gonogo preflight --environment production --input environment=production',
    'gonogo preflight .github/workflows/cd.yml --event push --ref main --json',
  )
}

function addMigrations({ program, surface, argv, finish }: Cli): void {
  const migrations = program
    .command('migrations')
    .description('what the database migrations between two commits would lock, lose or break')
    .option('--from <git_ref>', 'what runs now, or none; without it: what production runs')
    .option('--to <git_ref>', 'the candidate; without it: what is checked out')
    .option('--path <directory>', 'where the migrations are; may be repeated', addPath)
  migrations.action(() => {
    const options: MigrationsOptions = migrations.optsWithGlobals()
    const caller = { surface, options, argv }
    const run = import('./commands/migrations.ts')
    return finish(run.then(({ runMigrations }) => runMigrations(caller, options)))
  })
  examples(
    migrations,
    'gonogo migrations',
    'gonogo migrations --from v1.2.0 --to v1.3.0 --json',
    'gonogo migrations --from none --path db/migrations',
  )
}

function addPath(path: string, paths: string[] = []): string[] {
  return [...paths, path]
}

function addInput(text: string, inputs: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Write it as NAME=VALUE.')
  return { ...inputs, [text.slice(0, at)]: text.slice(at + 1) }
}

function addCompletion({ program, surface, finish }: Cli): void {
  const completion = program
    .command('completion')
    .description('print the script that makes a shell complete gonogo')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish', 'powershell']))
  completion.action((shell: Shell) => {
    const flags: CommonOptions = completion.optsWithGlobals()
    const run = import('./commands/completion.ts')
    return finish(run.then(({ runCompletion }) => runCompletion(surface, flags, shell)))
  })
  examples(
    completion,
    "echo 'source <(gonogo completion bash)' >> ~/.bashrc",
    "echo 'source <(gonogo completion zsh)' >> ~/.zshrc",
    'gonogo completion fish > ~/.config/fish/completions/gonogo.fish',
    'gonogo completion powershell | Out-String | Invoke-Expression',
  )
  program
    .command('complete', { hidden: true })
    .option('--next', 'the cursor is after a space: shells that drop empty words say so')
    .argument('[words...]')
    .action((words: string[], { next }: { next?: boolean }) => {
      const typed = next ? [...words, ''] : words
      const run = import('./commands/completion.ts')
      return finish(run.then(({ runComplete }) => runComplete(surface, program, typed)))
    })
}
