/**
 * The whole journey as a dry run: what each call would do and whether it would be accepted. Nothing
 * changes but the audit log, which gets a line for each that says so.
 */
import { createGonogo, type Plan } from 'gonogo'
import { run, type Start } from './support/program.ts'
import { screen } from './support/screen.ts'

const usage = 'node examples/dry-run.ts --project DIR VERSION'

async function rehearse({ project, word: version, signal }: Start): Promise<number> {
  await using gonogo = await createGonogo({ project })
  const before = await gonogo.listDeployments({}, { signal })
  const dry = { dry_run: true }

  screen.step(`Validate ${version}`)
  const validation = await gonogo.validateDeployment(
    { environment: 'staging', git_ref: version, ...dry },
    { signal },
  )
  screen.checks(validation.checks)

  screen.step('Scan')
  const scan = await gonogo.runSecurityScan({ git_ref: version, ...dry }, { signal })
  for (const { engine, message } of scan.engines ?? []) screen.detail(`${engine}: ${message}`)

  screen.step('Deploy to staging')
  show(await gonogo.deployToStaging({ git_ref: version, ...dry }, { signal }))

  screen.step('Test staging')
  const smoke = await gonogo.runSmokeTests({ environment: 'staging', ...dry }, { signal })
  for (const { message } of smoke.results) screen.detail(String(message))

  screen.step('Promote to production')
  show(await gonogo.promoteToProduction({ staging_version: version, ...dry }, { signal }))

  screen.step('And then')
  const after = await gonogo.listDeployments({}, { signal })
  const started = after.total_count - before.total_count
  if (started === 0) screen.good('nothing was started')
  else screen.bad(`${started} deployment(s) were started meanwhile, by somebody else`)
  return 0
}

/** The steps of a plan, and what stands in its way. */
function show(answer: {
  accepted?: string | undefined
  blockers?: string[] | undefined
  plan?: Record<string, unknown> | undefined
}): void {
  const plan = answer.plan as unknown as Plan
  const from = plan.from?.version ?? 'nothing known'
  screen.detail(`${plan.environment}: ${from} becomes ${plan.release.version}`)
  for (const { phase, name, run: argv } of plan.pipeline.steps) {
    screen.detail(`${phase}: ${name}: ${argv.join(' ')}`)
  }
  for (const blocker of answer.blockers ?? []) screen.bad(blocker)
  screen.ask(`would it be accepted? ${answer.accepted}`)
}

await run(usage, rehearse)
