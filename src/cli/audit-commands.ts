import { Option, type Command } from 'commander'
import { act, examples, wholeNumber, type Cli } from './command.ts'
import type { AuditReportOptions } from './commands/audit-report.ts'
import type { EvidenceVerifyOptions } from './commands/evidence-verify.ts'

/** What the log says, what it is worth, and how it is kept. */
export function addAuditCommands(cli: Cli): void {
  cli.program.commandsGroup('The record:')
  const audit: Command = cli.program
    .command('audit')
    .description('show the audit log')
    .option('--limit <number>', 'lines to show', wholeNumber(1, 1000), 20)
  examples(audit, 'gonogo audit', 'gonogo audit --limit 100 --json')
  act(cli, audit, async (session) => {
    const { limit } = audit.opts<{ limit: number }>()
    return (await import('./commands/audit.ts')).runAudit(session, limit)
  })
  addVerify(cli, audit)
  addKeeping(cli, audit)
  addReport(cli, audit)
  addEvidence(cli, audit)
}

function addVerify(cli: Cli, audit: Command): void {
  const verify = audit
    .command('verify')
    .description('check the log, or a copy of it, against its checkpoints and anchors')
    .argument('[file]', 'a copy; without it: the log itself')
    .option('--checkpoint <file>', 'a checkpoint you kept; may be repeated', collected)
    .option('--public-key <file>', "a copy of the log's public key that you kept")
  examples(
    verify,
    'gonogo audit verify',
    'gonogo audit verify /backup/audit.jsonl',
    'gonogo audit verify --checkpoint kept.txt --public-key kept-key',
  )
  act(cli, verify, async (session, [file]) => {
    const options = verify.opts<{ checkpoint?: string[]; publicKey?: string }>()
    return (await import('./commands/audit.ts')).runAuditVerify(session, file, options)
  })
}

function addKeeping(cli: Cli, audit: Command): void {
  const checkpoint = audit
    .command('checkpoint')
    .description('sign what the log is now, and keep that at every anchor')
  examples(checkpoint, 'gonogo audit checkpoint', 'gonogo audit checkpoint > kept.txt')
  act(cli, checkpoint, async (session) =>
    (await import('./commands/audit.ts')).runAuditCheckpoint(session),
  )
  const status = audit
    .command('status')
    .description('show where the log is, what seals it, and where it is copied to')
  examples(status, 'gonogo audit status', 'gonogo audit status --json')
  act(cli, status, async (session) =>
    (await import('./commands/audit-status.ts')).runAuditStatus(session),
  )
}

function addReport(cli: Cli, audit: Command): void {
  const report = audit
    .command('report')
    .description('who changed what and who let them; what speaks against it comes first')
    .requiredOption('--from <date>', 'first day (UTC), or a moment such as 2026-03-31T18:00:00Z')
    .option('--to <date>', 'last day, or a moment; without it: now')
    .option('--environment <name>', 'only this one; without it: those that are guarded')
    .addOption(
      new Option('--format <name>', 'how it is written (default md)').choices([
        'md',
        'csv',
        'json',
      ]),
    )
    .option('--output <file>', 'a new file, instead of stdout')
  examples(
    report,
    'gonogo audit report --from 2026-01-01 --to 2026-03-31',
    'gonogo audit report --from 2026-01-01 --environment production --format csv --output q1.csv',
  )
  act(cli, report, async (session) =>
    (await import('./commands/audit-report.ts')).runAuditReport(
      session,
      report.opts<AuditReportOptions>(),
    ),
  )
}

function addEvidence(cli: Cli, audit: Command): void {
  const evidence = audit
    .command('evidence')
    .description('everything about one deployment, for somebody who verifies it elsewhere')
    .argument('<deployment_id>', 'as gonogo list shows it')
    .option('--output <file>', 'a new file, instead of stdout')
  examples(evidence, 'gonogo audit evidence dep_… --output evidence.json')
  act(cli, evidence, async (session, [id]) =>
    (await import('./commands/audit-evidence.ts')).runAuditEvidence(
      session,
      id!,
      evidence.opts<{ output?: string }>(),
    ),
  )
  addEvidenceVerify(cli, audit)
}

/** Whoever verifies has neither the project nor its configuration. */
function addEvidenceVerify({ surface, finish }: Cli, audit: Command): void {
  const verify = audit
    .command('evidence-verify')
    .description('check such a file: needs no project and no network')
    .argument('<file>', 'as gonogo audit evidence wrote it')
    .option('--signers <file>', 'allowed signers that you trust')
    .option('--public-key <file>', "the log's public key that you trust")
    .option('--checkpoint <file>', 'checkpoints that you kept; may be repeated', collected)
  examples(
    verify,
    'gonogo audit evidence-verify evidence.json',
    'gonogo audit evidence-verify evidence.json --signers approvers --public-key kept-key',
  )
  verify.action((file: string) => {
    const options: EvidenceVerifyOptions = verify.optsWithGlobals()
    const run = import('./commands/evidence-verify.ts')
    return finish(run.then(({ runEvidenceVerify }) => runEvidenceVerify(surface, options, file)))
  })
}

function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
