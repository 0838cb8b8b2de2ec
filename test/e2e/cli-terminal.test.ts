import { userInfo } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { runInTerminal, type Typing } from '../support/terminal.ts'

/** One project in which v1 runs on staging, tested. */
let shop: Workshop
let project: SmallProject
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({ environments: ['staging', 'production'] })
  await project.gonogo(['deploy', 'v1', '--yes', '--watch'])
  await project.gonogo(['smoke', 'staging'])
})
afterAll(async () => {
  await project.close()
  await shop.close()
})

const inTerminal = (args: string[], typing: Typing[] = []) =>
  runInTerminal(args, { cwd: project.root, env: project.env, typing })

const question = 'Go on with staging? [y/N] '
const nameWanted = "Type the environment's name to approve: "

const deployments = async () =>
  (await project.tool('list_deployments', { environment: 'staging' })).deployments.length

describe('gonogo deploy', () => {
  it.each([
    ['n', 'n\r'],
    ['nothing', '\r'],
    ['anything but yes', 'yep\r'],
    ['the end of input', '\u0004'],
  ])('shows the plan, asks, and takes %s for no', async (_, keys) => {
    const before = await deployments()
    const { stdout, exitCode } = await inTerminal(['deploy', 'v2'], [{ after: question, keys }])
    expect(exitCode).toBe(3)
    expect(stdout).toContain('Deploy small in staging')
    expect(stdout).toContain('error (declined):')
    expect(await deployments()).toBe(before)
  })

  it('is left with Ctrl-C', async () => {
    const before = await deployments()
    const { stdout, exitCode } = await inTerminal(
      ['deploy', 'v2'],
      [{ after: question, keys: '\u0003' }],
    )
    expect(exitCode).toBe(130)
    expect(stdout).toContain('nothing was decided')
    expect(await deployments()).toBe(before)
  })

  it('starts on y, in the name of the person', async () => {
    const { stdout, exitCode } = await inTerminal(
      ['deploy', 'v1', '--watch'],
      [{ after: question, keys: 'y\r' }],
    )
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`by human:${userInfo().username}`)
  })

  it('does not ask about what is refused anyway', async () => {
    await project.within((call) =>
      call.store.write((tables) =>
        tables.holds.insert({
          environment: 'staging',
          sha: shop.shas.v3,
          version: 'v3',
          reason: 'it lost bookings',
          since: 0,
        }),
      ),
    )
    const { stdout, exitCode } = await inTerminal(['deploy', 'v3'])
    expect(exitCode).toBe(6)
    expect(stdout).not.toContain(question)
    expect(stdout).toContain('it lost bookings')
  })
})

/** A fresh request: one for another plan replaces whatever waited. */
async function request(): Promise<string> {
  const wanted = { staging_version: 'v1' }
  await project.tool('promote_to_production', { ...wanted, skip_smoke_tests: true })
  return (await project.tool('promote_to_production', wanted)).approval.id
}

describe('a person with a key', () => {
  it('types the name of the environment to approve', async () => {
    const id = await request()
    const args = ['approve', id, '--key', shop.key]
    const { stdout, exitCode } = await inTerminal(args, [
      { after: nameWanted, keys: 'production\r' },
    ])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Promote small in production')
    expect(stdout).toContain(`approved ${id} as ada`)
  })

  it('who types another name approves nothing', async () => {
    const id = await request()
    const args = ['approve', id, '--key', shop.key]
    const { stdout, exitCode } = await inTerminal(args, [{ after: nameWanted, keys: 'staging\r' }])
    expect(exitCode).toBe(3)
    expect(stdout).toContain(`the approval of ${id} was declined`)
    const { approval } = await project.tool('promote_to_production', { staging_version: 'v1' })
    expect(approval).toMatchObject({ id, state: 'open' })
  })

  it('sees the plan in colours, and without them with NO_COLOR', async () => {
    const id = await request()
    const typing = [{ after: nameWanted, keys: 'no\r' }]
    const args = ['approve', id, '--key', shop.key]
    expect((await inTerminal(args, typing)).stdout).toContain('\u001b[33m  ! ')
    const env = { ...project.env, NO_COLOR: '1' }
    const plain = await runInTerminal(args, { cwd: project.root, env, typing })
    expect(plain.stdout).toContain('  ! isolation: none')
    // Asking moves the cursor; nothing is painted.
    // oxlint-disable-next-line no-control-regex
    expect(plain.stdout).not.toMatch(/\u001b\[[0-9;]*m/)
  })

  it('promotes, approves and watches in one command', async () => {
    await request()
    const { stdout, exitCode } = await inTerminal(
      ['promote', 'v1', '--key', shop.key, '--watch'],
      [{ after: nameWanted, keys: 'production\r' }],
    )
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/promotion of v1 to production: success/)
  })
})
