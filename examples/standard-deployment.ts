/**
 * The standard deployment: validate, scan, deploy to staging, test it there, promote to production with
 * a person's approval, and watch it to the end.
 */
import { createGonogo } from 'gonogo'
import { approved, succeeds } from './support/follow.ts'
import { run, type Start } from './support/program.ts'
import { noGo, screen } from './support/screen.ts'

const usage = 'node examples/standard-deployment.ts --project DIR VERSION'
const endedBadly = 5

async function deploy({ project, word: version, signal }: Start): Promise<number> {
  await using gonogo = await createGonogo({ project })

  screen.step(`1. Validate ${version}`)
  const validation = await gonogo.validateDeployment(
    { environment: 'staging', git_ref: version },
    { signal },
  )
  screen.checks(validation.checks)
  if (!validation.valid) return noGo(validation.blockers)
  screen.good(`${version} may enter staging`)

  screen.step('2. Scan')
  const scan = await gonogo.runSecurityScan({ git_ref: version }, { signal })
  if (!scan.passed) return noGo(scan.blockers)
  screen.good(`${scan.vulnerabilities.length} finding(s), none above the thresholds`)

  screen.step('3. Deploy to staging')
  const staged = await gonogo.deployToStaging({ git_ref: version }, { signal })
  if (staged.deployment_id === null) return noGo(staged.blockers ?? [staged.status])
  if (!(await succeeds(gonogo, staged.deployment_id, signal))) return endedBadly

  screen.step('4. Test staging')
  const smoke = await gonogo.runSmokeTests({ environment: 'staging' }, { signal })
  if (!smoke.passed) {
    const failed = smoke.results.filter((result) => result.passed !== true)
    return noGo(failed.map(({ name, message }) => `${String(name)}: ${String(message)}`))
  }
  screen.good(`${smoke.results.length} requests answered as they should`)

  screen.step('5. Promote to production')
  const promoted = await approved(
    (approval) => gonogo.promoteToProduction({ staging_version: version, ...approval }, { signal }),
    signal,
  )
  if (promoted.deployment_id === null) return noGo(promoted.blockers ?? [promoted.status])
  if (promoted.approved) screen.good(`approved by ${promoted.approved.by}`)

  screen.step('6. Watch it')
  return (await succeeds(gonogo, promoted.deployment_id, signal)) ? 0 : endedBadly
}

await run(usage, deploy)
