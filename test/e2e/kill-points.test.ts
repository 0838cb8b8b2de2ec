import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditLine } from '../../src/core/audit.ts'
import type { Call } from '../../src/ports/context.ts'
import { getDeploymentStatus } from '../../src/tools/get-deployment-status.ts'
import { listDeployments } from '../../src/tools/list-deployments.ts'
import {
  deadlyAt,
  gitHubPoints,
  killed,
  killPoints,
  outboxPoints,
  type Scenario,
} from '../support/kill-scenarios.ts'
import {
  openWorkshop,
  type Answer,
  type SmallProject,
  type Workshop,
} from '../support/small-project.ts'
import { until } from '../support/until.ts'

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop.close())

const cases = Object.entries(killPoints).flatMap(([name, variants]) =>
  Object.entries(variants).map(([part, scenario]) => ({
    point: name.replace('*', part),
    scenario,
  })),
)

it('knows every point of the source', () => {
  const known = [...Object.keys(killPoints), ...gitHubPoints, ...outboxPoints]
  expect(known.toSorted()).toEqual(pointsOfSource())
})

// Each process waits for others most of the time, so several projects at once cost little more.
describe.concurrent('killed once, a deployment is finished once, or given up and never repeated', () => {
  it.each(cases)('at $point', async ({ point, scenario }) => {
    const project = await shop.project()
    try {
      await scenario.play(project, deadlyAt(project, point), shop)
      await killed(project)
      if (point === 'start.intent-audited') await expectNothing(project)
      await project.within(lookUntilEnded)
      await project.idle()
      await project.within((call) => expectOutcome(call, project, scenario))
    } finally {
      await project.close()
    }
  })
})

/** Killed before anything was recorded: the approval is as good as before, and is used now. */
async function expectNothing(project: SmallProject): Promise<void> {
  expect(await project.witnesses()).toEqual([])
  expect(await project.tool('list_deployments', {})).toMatchObject({ deployments: [] })
  const [approval] = await project.within((call) =>
    call.store.read((tables) => tables.approvals.list({ limit: 10 })),
  )
  expect(approval).toMatchObject({ state: 'approved', consumed_by: null })
  await project.tool('promote_to_production', {
    staging_version: 'v1',
    approval_token: approval!.id,
  })
}

/** What a user does who wonders: lists, and asks for the status until there is an end. */
async function lookUntilEnded(call: Call): Promise<void> {
  const { output } = await listDeployments.call({}, call)
  const deployments = output.deployments as Answer['deployments']
  expect(deployments).not.toEqual([])
  for (const { deployment_id } of deployments) {
    await until(`${deployment_id} to end`, async () => {
      const status = await getDeploymentStatus.call({ deployment_id }, call)
      if ((status.output.deployment as Answer['deployment']).phase === 'ended') return true
      // As often as `--watch` asks: a look at a deployment nobody watches starts a process.
      return call.runtime.sleep(1000).then(() => false)
    })
  }
}

async function expectOutcome(
  call: Call,
  project: SmallProject,
  { statuses, steps, approval }: Scenario,
): Promise<void> {
  const { rows, locks, approvals } = await call.store.read(async (tables) => ({
    rows: (await tables.deployments.list({ limit: 10 })).rows.toReversed(),
    locks: await tables.locks.get('production'),
    approvals: await tables.approvals.list({ limit: 10 }),
  }))
  expect(rows.map((row) => row.status)).toEqual(statuses)
  expect(locks).toBeNull()
  expect(approvals.map(({ state }) => state)).toEqual(approval === null ? [] : [approval])

  const last = rows.at(-1)!
  const witnesses = await project.witnesses()
  if (steps) {
    const own = witnesses.filter((line) => line.startsWith(last.id))
    expect(own).toEqual(steps.map((step) => `${last.id} ${step}`))
  }
  expect(new Set(witnesses).size).toBe(witnesses.length)

  expect(await call.audit.verify()).toMatchObject({ consistent: true })
  const lines = await call.audit.tail(1000)
  for (const { id } of rows) expectIntentThenResult(lines, id)
}

/** The deployment's own lines; those of tool calls carry the tool's name. */
function expectIntentThenResult(lines: readonly AuditLine[], id: string): void {
  const own = lines.filter(
    (line) =>
      line.correlation_id === id && ['promote', 'rollback', 'adopt'].includes(line.operation),
  )
  expect(own.map((line) => line.phase)).toEqual(['intent', 'result'])
}

/** Names as they are written, with `*` for what is put in. */
function pointsOfSource(): string[] {
  const source = join(import.meta.dirname, '../../src')
  const names = globSync('**/*.ts', { cwd: source }).flatMap((file) => {
    const text = readFileSync(join(source, file), 'utf8')
    return [...text.matchAll(/\breached\(\s*(['"`])(.+?)\1/g)].map(([, , name]) =>
      name!.replaceAll(/\$\{.+?\}/g, '*'),
    )
  })
  return [...new Set(names)].toSorted()
}
