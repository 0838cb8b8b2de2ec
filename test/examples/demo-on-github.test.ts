import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { moveToGitHub, type GitHubStage } from '../../examples/demo/github-stage.ts'
import { makeClinicProject } from '../../src/setup/sample/project.ts'
import { policyTrust } from '../../src/tools/support/trust.ts'
import { connect } from '../../src/wiring.ts'
import { mainFile } from '../support/clinic.ts'

// The demo itself takes minutes. What its strict mode rests on is looked at here.

let root = ''
let stage: GitHubStage

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'gonogo-demo-on-github-'))
  stage = await moveToGitHub(await makeClinicProject(root))
})
afterAll(async () => {
  await stage?.close()
  await rm(root, { recursive: true, force: true })
})

/** Where the policy stands, and whether the workflow looks for itself who consented. */
async function standing() {
  const over = new AbortController()
  const context = await connect({
    cwd: stage.directory,
    env: { PATH: process.env['PATH'], HOME: root, ...stage.variables },
    readOnly: true,
    terminal: false,
    command: [process.execPath, mainFile],
    shutdown: over.signal,
  })
  const { project, platformApprovals: platform, store } = context
  try {
    const consent = await platform?.verifiesConsent(project.environments.at(-1)!)
    return { mode: project.approvals.mode, trust: await policyTrust(context), consent }
  } finally {
    await store.close()
    over.abort()
  }
}

const trust = { state: 'reviewed', branch: 'main' }

it('plays in strict mode, with a policy that the branch vouches for and consent that reaches L2', async () => {
  const consent = { verified: true, problem: null }
  expect(await standing()).toEqual({ mode: 'strict', trust, consent })
  const file = join(stage.directory, 'gonogo.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('mode: strict', 'mode: standard'))
  expect((await standing()).trust).toEqual({ state: 'never' })
  await writeFile(file, text)
})

it('turns to static tokens by a change that is merged', async () => {
  await stage.turnToTokens()
  expect(await standing()).toEqual({ mode: 'standard', trust, consent: undefined })
})
