/**
 * The emergency rollback: see that production is unwell, look at what ran there, roll back with a
 * person's approval, and prove that it helped.
 */
import { createGonogo, type Gonogo } from 'gonogo'
import { approved, succeeds } from './support/follow.ts'
import { run, type Start } from './support/program.ts'
import { noGo, screen } from './support/screen.ts'

const usage = 'node examples/emergency-rollback.ts --project DIR REASON'
const environment = 'production'
const endedBadly = 5

async function rollBack({ project, word: reason, signal }: Start): Promise<number> {
  await using gonogo = await createGonogo({ project })

  screen.step(`1. Is ${environment} well?`)
  if (await isWell(gonogo, signal)) {
    screen.good('yes: nothing to roll back')
    return 0
  }

  screen.step('2. What ran there')
  const { deployments } = await gonogo.listDeployments({ environment, limit: 5 }, { signal })
  for (const { deployment_id, kind, version, status } of deployments) {
    screen.detail(`${deployment_id} ${kind.padEnd(9)} ${version.padEnd(12)} ${status}`)
  }

  screen.step('3. Roll back')
  const back = await approved(
    (approval) => gonogo.rollbackDeployment({ environment, reason, ...approval }, { signal }),
    signal,
  )
  screen.detail(back.explanation)
  if (back.rollback_id === null) return noGo(back.blockers ?? [back.status])
  if (!(await succeeds(gonogo, back.rollback_id, signal))) return endedBadly

  screen.step('4. Verify')
  if (!(await isWell(gonogo, signal))) return endedBadly
  screen.good(`${environment} is well again, with ${back.to_version}`)
  return 0
}

/** Health endpoints may be green while the service fails its users, so it is used as they would. */
async function isWell(gonogo: Gonogo, signal: AbortSignal): Promise<boolean> {
  const smoke = await gonogo.runSmokeTests({ environment }, { signal })
  for (const { name, passed, message } of smoke.results) {
    const line = `${String(name)}: ${String(message)}`
    if (passed === true) screen.good(line)
    else screen.bad(line)
  }
  return smoke.passed === true
}

await run(usage, rollBack)
