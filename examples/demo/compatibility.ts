import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { startAssistant, type Answer, type Assistant } from './assistant.ts'
import { expect } from './expect.ts'
import type { GitHubStage } from './github-stage.ts'
import { screen } from './screen.ts'

/** Where a static token approves, and where it no longer does. */
export interface CompatibilityStage {
  /** Directory of gonogo.yaml. */
  directory: string
  server: readonly [string, ...string[]]
  env: Record<string, string>
  /** Null on this machine. */
  github: Pick<GitHubStage, 'fix' | 'turnToTokens'> | null
}

/** A static token in the server's environment approves without anybody's word, and every answer says so. */
export async function playCompatibility(stage: CompatibilityStage): Promise<void> {
  screen.say(
    'DEPLOYMENT_ADMIN_TOKENS is set for this server. Whoever can read it can approve: level L0,',
  )
  screen.say('for systems that knew nothing else.')
  const token = `demo-${randomBytes(20).toString('base64url')}`
  const env = { ...stage.env, DEPLOYMENT_ADMIN_TOKENS: token }
  const assistant = await startAssistant(stage.server, env)
  try {
    if (stage.github) await onGitHub(stage.github, assistant, token)
    else await onThisMachine(stage.directory, assistant, token)
  } finally {
    await assistant.leave()
  }
}

async function onThisMachine(directory: string, assistant: Assistant, token: string) {
  const back = { environment: 'production', target_version: 'v1.0.0', reason: 'try the old way' }
  screen.say('First with approvals.mode: strict in gonogo.yaml.')
  await inStrictMode(directory, () => refused(assistant, back, token))
  screen.say('Then without it, as the project was.')
  await goBack(assistant, back, token)
}

/** The main job once more. */
async function onGitHub(
  github: NonNullable<CompatibilityStage['github']>,
  assistant: Assistant,
  token: string,
): Promise<void> {
  const version = 'v1.2.1'
  await github.fix()
  screen.say(`${version} takes the bad release back. First in strict mode, as the project is.`)
  const back = { environment: 'production', reason: 'try the old way' }
  await refused(assistant, { ...back, target_version: 'v1.0.0' }, token)
  await github.turnToTokens()
  screen.say('Then the team merges a change: approvals.mode is standard, and the workflow lets')
  screen.say('production through without a look of its own.')
  const wanted = { environment: 'staging', git_ref: version }
  const valid = await assistant.call('validate_deployment', wanted)
  expect(valid.output.valid === true, `${version} is valid`, valid)
  const staged = await assistant.call('deploy_to_staging', { git_ref: version })
  await succeeds(assistant, staged.output.deployment_id, `staging runs ${version}`)
  await promote(assistant, version, token)
  await goBack(assistant, back, token)
}

async function promote(assistant: Assistant, version: string, token: string): Promise<void> {
  const args = { staging_version: version, approval_token: token }
  const started = await assistant.call('promote_to_production', args)
  tellWorth(started)
  await succeeds(assistant, started.output.deployment_id, `production runs ${version}`)
}

async function succeeds(assistant: Assistant, id: unknown, announced: string): Promise<void> {
  const ended = await assistant.follow(String(id))
  const { status } = ended.output.deployment as { status: string }
  expect(status === 'success', announced, ended)
}

async function goBack(assistant: Assistant, args: object, token: string): Promise<void> {
  const wrong = await assistant.call('rollback_deployment', { ...args, approval_token: 'admin' })
  expect(wrong.isError, 'a token that nobody configured is refused', wrong)
  const started = await assistant.call('rollback_deployment', { ...args, approval_token: token })
  tellWorth(started)
  const { to_version, rollback_id } = started.output
  await succeeds(assistant, rollback_id, `production runs ${String(to_version)}`)
}

/** Shows what speaks against it, and that the answer says what a token is worth. */
function tellWorth(started: Answer): void {
  for (const line of warningsOf(started)) screen.detail(`! ${line}`)
  const { method, level } = (started.output.approved ?? {}) as { method?: string; level?: string }
  expect(
    method === 'static_token' && level === 'L0' && warningsOf(started).some(isAboutTokens),
    'the configured token is accepted, and the answer says what that is worth: L0',
    started,
  )
}

function isAboutTokens(line: string): boolean {
  return line.includes('static token') && line.includes('level L0')
}

async function refused(assistant: Assistant, args: object, token: string): Promise<void> {
  const answer = await assistant.call('rollback_deployment', { ...args, approval_token: token })
  const blockers = JSON.stringify(answer.output.blockers ?? answer.text)
  expect(
    /policy_trusted|strict/.test(blockers),
    'strict mode lets nothing through on a token: it wants a policy and the word of a person',
    answer,
  )
}

/** The configuration is read for every call. */
async function inStrictMode(directory: string, work: () => Promise<void>): Promise<void> {
  const file = join(directory, 'gonogo.yaml')
  const before = await readFile(file, 'utf8')
  const document = parseDocument(before)
  document.setIn(['approvals', 'mode'], 'strict')
  await writeFile(file, String(document))
  try {
    await work()
  } finally {
    await writeFile(file, before)
  }
}

function warningsOf({ output }: Answer): string[] {
  return (output.warnings ?? []) as string[]
}
