import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adopt } from '../../src/desk/adopt.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import { dumpStore } from '../support/dump-store.ts'
import { fileTree } from '../support/file-tree.ts'
import { processesOf } from '../support/processes-of.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { until } from '../support/until.ts'

let shop: Workshop
let project: SmallProject
/** Signed and unused. */
let token: string

beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({
    environments: ['staging', 'production'],
    configure(config) {
      const smoke = { path: '/health', timeout_seconds: 5 }
      config.smoke = {
        basic: [{ ...smoke, name: 'writes', method: 'POST' }],
        full: [{ ...smoke, name: 'reads' }],
      }
      config.tests = [{ name: 'unit', run: ['sh', '-c', 'echo tests >> "$HOME/ran"'] }]
      for (const environment of Object.values(config.environments)) {
        environment.checks = { git_ref_valid: 'required', security_scan: 'off' }
      }
    },
  })
  await prepare()
}, 120_000)
afterAll(async () => {
  await project?.close()
  await shop?.close()
})

/** Production has a release to go back to, staging runs one that waits to be promoted. */
async function prepare(): Promise<void> {
  project.live['production']!.claims = shop.shas.v1
  await project.within((call) => adopt(call, 'production', 'v1'))
  project.live['production']!.claims = null
  for (const version of ['v2', 'v3']) {
    await project.tool('validate_deployment', { environment: 'production', git_ref: version })
    await finished(await project.tool('deploy_to_staging', { git_ref: version }))
    token = await project.approved(version)
    const promotion = { staging_version: version, approval_token: token }
    if (version === 'v2') await finished(await project.tool('promote_to_production', promotion))
  }
  await project.idle()
}

async function finished({ deployment_id }: { deployment_id: string | null }): Promise<void> {
  const { deployment } = await until(`${deployment_id} to end`, async () => {
    const answer = await project.tool('get_deployment_status', { deployment_id })
    return answer.deployment.phase === 'ended' && answer
  })
  expect(deployment).toMatchObject({ status: 'success' })
}

/**
 * All that a dry run could change, but for the audit log, which says that there was one, and the count of
 * wrong tokens: a guess is a guess.
 */
async function everything() {
  const state = join(project.root, 'state')
  const auditOrStore = /^(?:state|state\/(?:audit\.jsonl|gonogo\.db).*)$/
  return {
    tables: { ...dumpStore(state), token_events: [] },
    repository: await fileTree(shop.repository.directory),
    project: await fileTree(project.root, (path) => auditOrStore.test(path)),
    processes: await processesOf(project.root),
    writes: Object.values(project.live).map(({ requests }) => requests.filter(isWrite).length),
  }
}

function isWrite(request: string): boolean {
  return !request.startsWith('GET')
}

const auditLines = async () => project.within((call) => call.audit.tail(1000))

describe('a dry run changes nothing', () => {
  const why = ['--reason', 'just asking']
  it.each([
    ['validate', ['staging', 'v1'], 'no'],
    ['scan', ['v1'], 'no'],
    ['smoke', ['staging', '--test-suite', 'full'], 'no'],
    ['deploy', ['v1'], 'no'],
    ['promote', ['v3'], 'no'],
    ['promote', ['v3'], 'a signed'],
    ['promote', ['v3'], 'a wrong'],
    ['promote', ['v1'], 'no'],
    ['rollback', ['production', ...why], 'no'],
    ['rollback', ['production', ...why], 'a signed'],
    ['rollback', ['staging', ...why], 'no'],
  ])('%s %j with %s token', async (command, args, which) => {
    const before = await everything()
    const audited = await auditLines()

    const given = which === 'a signed' ? token : 'made-up'
    const env = which === 'no' ? {} : { GONOGO_APPROVAL_TOKEN: given }
    const argv = [command, ...args, '--dry-run', '--json']
    const { exitCode, stdout, stderr } = await project.gonogo(argv, { env })
    expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0 })

    expect(await everything()).toEqual(before)
    const added = (await auditLines()).slice(audited.length)
    expect(added).toMatchObject([{ phase: 'result', dry_run: true }])
    expect(JSON.stringify(added)).not.toContain('made-up')
  })

  it.each([['list'], ['status']])(
    '%s, which has no dry run, leaves not even a line',
    async (command) => {
      const [last] = (await project.tool('list_deployments', {})).deployments
      const before = await everything()
      const audited = await auditLines()
      const argv = command === 'status' ? [command, last!.deployment_id] : [command]
      expect(await project.gonogo([...argv, '--json'])).toMatchObject({ exitCode: 0 })
      expect(await everything()).toEqual(before)
      expect(await auditLines()).toEqual(audited)
    },
  )
})

const ask = (more: object) =>
  project.tool('promote_to_production', { staging_version: 'v3', dry_run: true, ...more })

describe('a dry run tells what would be', () => {
  it('whether this very token would be accepted', async () => {
    expect(await ask({})).toMatchObject({
      status: 'dry_run',
      accepted: expect.stringMatching(/^not yet/),
    })
    expect(await ask({ approval_token: token })).toMatchObject({
      accepted: 'yes: approved by ada (L0)',
    })
    expect(await ask({ approval_token: 'made-up' })).toMatchObject({
      accepted: expect.stringMatching(/^no: Invalid/),
    })
  })

  it('checks as not run, and the verdict as open', async () => {
    const input = { environment: 'staging', git_ref: 'v1', dry_run: true }
    const { output } = await project.within((call) => validateDeployment.call(input, call))
    const checks = output.checks as { status: string; ran: boolean }[]
    expect(output.valid).toBeNull()
    expect(checks.map(({ status, ran }) => `${status} ${ran}`)).toEqual(
      checks.map(() => 'skipped false'),
    )
  })
})
