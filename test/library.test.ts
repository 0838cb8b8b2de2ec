import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGonogo, Failure, type Gonogo, type GonogoOptions } from '../src/index.ts'
import { mainFile } from './support/clinic.ts'
import { openWorkshop, type SmallProject, type Workshop } from './support/small-project.ts'

let workshop: Workshop
let project: SmallProject

beforeAll(async () => {
  workshop = await openWorkshop()
  project = await workshop.project({ environments: ['staging', 'production'] })
})

afterAll(async () => {
  await project?.close()
  await workshop?.close()
})

const open = (options: GonogoOptions = {}) =>
  createGonogo({ project: project.root, env: project.env, ...options })

/** How a deployment was seen, one entry a look. */
async function seen(gonogo: Gonogo, id: string | null): Promise<string[]> {
  const phases: string[] = []
  for await (const { deployment } of gonogo.follow(id!, { intervalMs: 50, timeoutMs: 30_000 }))
    phases.push(`${deployment.phase}: ${deployment.status}`)
  return phases
}

/** Following ends with the time or the caller; what is followed does not. */
async function leavesItAlone(gonogo: Gonogo, id: string): Promise<void> {
  await expect(Array.fromAsync(gonogo.follow(id, { timeoutMs: 0 }))).rejects.toMatchObject({
    code: 'pending',
    retryable: true,
    details: { deployment_id: id },
  })
  const tired = new AbortController()
  const waiting = Array.fromAsync(gonogo.follow(id, { signal: tired.signal }))
  tired.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'interrupted' })
}

describe('a program over the sources', () => {
  it('takes a release to production, with a person approving in between', async () => {
    const principal = { kind: 'agent', name: 'helper' } as const
    await using gonogo = await open({ principal })
    const proceed = await project.obstruct('hang', 'v1')
    const staged = await gonogo.deployToStaging({ git_ref: 'v1' })
    await leavesItAlone(gonogo, staged.deployment_id!)
    await proceed()
    expect((await seen(gonogo, staged.deployment_id)).at(-1)).toBe('ended: success')
    const smoke = await gonogo.runSmokeTests({ environment: 'staging' })
    expect(smoke).toMatchObject({ passed: true, version: 'v1' })

    const asked = await gonogo.promoteToProduction({ staging_version: 'v1' })
    expect(asked).toMatchObject({ status: 'waiting_approval', deployment_id: null })
    const approval_token = asked.approval!.id
    await project.sign(approval_token)
    const again = { staging_version: 'v1', approval_token }
    await using other = await open()
    await expect(other.promoteToProduction(again)).rejects.toMatchObject({
      code: 'invalid_approval',
      message: expect.stringContaining('belongs to agent:helper'),
    })
    const promoted = await gonogo.promoteToProduction(again)
    expect(promoted.approved).toMatchObject({ by: 'ada' })
    expect((await seen(gonogo, promoted.deployment_id)).at(-1)).toBe('ended: success')

    const { deployments } = await gonogo.listDeployments()
    expect(deployments.map(({ kind, initiated_by }) => [kind, initiated_by])).toEqual([
      ['promotion', 'agent:helper'],
      ['deploy', 'agent:helper'],
    ])
  })

  it('is told why with a failure that has a code and a next step', async () => {
    await using gonogo = await open({ readOnly: true })
    const unknown = gonogo.getDeploymentStatus({ deployment_id: 'dep_0' })
    await expect(unknown).rejects.toBeInstanceOf(Failure)
    await expect(unknown).rejects.toMatchObject({ code: 'unknown_deployment' })
    await expect(gonogo.deployToStaging({ git_ref: 'v1' })).rejects.toMatchObject({
      code: 'read_only',
    })
    // @ts-expect-error what the schema does not know is refused, by the compiler too
    const misspelt = gonogo.validateDeployment({ environment: 'staging', gitRef: 'v1' })
    await expect(misspelt).rejects.toMatchObject({ code: 'invalid_input' })
    const over = AbortSignal.abort()
    await expect(gonogo.listDeployments({}, { signal: over })).rejects.toMatchObject({
      code: 'interrupted',
    })
    await expect(createGonogo({ project: dirname(project.root) })).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
  })

  it('answers no more once it is closed', async () => {
    const gonogo = await open()
    const last = gonogo.listDeployments()
    await gonogo.close()
    await expect(last).resolves.toHaveProperty('deployments')
    await expect(gonogo.listDeployments()).rejects.toThrow('this gonogo was closed')
  })

  it.each([
    ['a person who is not at the terminal', { kind: 'human', name: 'somebody-else' }],
    ['nobody', { kind: 'automation', name: ' ' }],
    ['a name that would draw over the screen', { kind: 'agent', name: 'a\u001b[2Jb' }],
    ['a kind nobody knows', { kind: 'robot', name: 'r2' }],
  ])('does not act as %s', async (_, principal) => {
    const claim = { principal: principal as GonogoOptions['principal'] & object }
    await expect(open(claim)).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

/** As users write it: no project, no options, the flags of their own Node. */
const program = `import { createGonogo } from ${JSON.stringify(pathToFileURL(join(dirname(mainFile), 'index.js')))}
await using gonogo = await createGonogo()
const { deployment_id } = await gonogo.deployToStaging({ git_ref: 'v3' })
for await (const { deployment } of gonogo.follow(deployment_id, { intervalMs: 50 }))
  if (deployment.phase === 'ended') console.log(deployment_id, deployment.status)
await gonogo.listDeployments().then(() => gonogo.close())
const [last] = (await (await createGonogo()).listDeployments()).deployments
console.log(last.initiated_by)
const human = createGonogo({ principal: { kind: 'human', name: ${JSON.stringify(userInfo().username)} } })
console.log(await human.catch(({ code, details }) => code + ' ' + details.field))
`

describe("a user's program over the built package", () => {
  it('is carried out by gonogo itself, with none of the flags of the program', async () => {
    const file = join(project.root, 'program.mjs')
    await writeFile(file, program)
    const env = { ...project.env, GONOGO_PROJECT: project.root }
    const argv = ['--inspect=127.0.0.1:0', file]
    const child = spawn(process.execPath, argv, { env, cwd: project.root, timeout: 30_000 })
    const [out, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect(complaints).toContain('Debugger listening')
    const [first = '', ...others] = out.trimEnd().split('\n')
    const [id, status] = first.split(' ')
    const user = `automation:${userInfo().username}`
    expect([status, ...others], complaints).toEqual([
      'success',
      user,
      'invalid_input principal.kind',
    ])
    const log = await readFile(join(project.root, 'state/keepers', `keeper-${id}.log`), 'utf8')
    expect(log).not.toContain('Debugger')
    expect(await project.witnesses()).toEqual(expect.arrayContaining([`${id} activate`]))
  })
})
