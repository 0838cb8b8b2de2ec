import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startAssistant, type Answer, type Assistant, type Output } from './demo/assistant.ts'
import { playCompatibility } from './demo/compatibility.ts'
import { expect, Mismatch } from './demo/expect.ts'
import { keyboardIn, type Person } from './demo/person.ts'
import { screen, transcript } from './demo/screen.ts'
import { setStage, type Stage } from './demo/stage.ts'
import { publish } from './demo/transcript.ts'

const gonogo: [string, string] = [
  process.execPath,
  join(import.meta.dirname, '..', 'dist', 'main.js'),
]

/** The main job, end to end and for real: repository, processes, sockets, signatures. */
interface Cast {
  stage: Stage
  assistant: Assistant
  person: Person
  /** The old way: a token in the place of somebody's word. */
  compatibility: () => Promise<void>
}

async function meetTheCast({ stage, assistant }: Cast): Promise<void> {
  screen.chapter(1, 'The cast')
  screen.say(`A real service (examples/clinic) in a real git repository below ${stage.root},`)
  for (const line of stage.words.pipeline) screen.say(line)
  screen.say(
    'loopback registry with one published lodash advisory, since a demo must not need a network.',
  )
  for (const line of stage.words.approver) screen.say(line)
  const tools = await assistant.tools()
  screen.detail(tools.join(', '))
  expect(tools.length === 8, 'the server offers the seven tools and deploy_to_staging', tools)
}

async function validate({ assistant }: Cast): Promise<void> {
  screen.chapter(2, 'Validation that reads real evidence')
  const good = await assistant.call('validate_deployment', {
    environment: 'staging',
    git_ref: 'v1.0.0',
  })
  showChecks(good.output)
  expect(good.output.valid === true, 'v1.0.0 is valid: its own tests ran in a clean copy', good)
  transcript.start()
  const red = await assistant.call('validate_deployment', {
    environment: 'staging',
    git_ref: 'red',
  })
  transcript.stop()
  const blockers = blockersOf(red.output)
  expect(
    red.output.valid === false,
    'the branch "red" is not: its tests fail, and it is not on main',
    red,
  )
  expect(
    blockers.some((line) => line.startsWith('tests_passed')),
    'the failing tests are named',
    blockers,
  )
}

async function scan({ assistant }: Cast): Promise<void> {
  screen.chapter(3, 'A scan of the commit, not of the working directory')
  const leaky = await assistant.call('run_security_scan', { git_ref: 'leaky' })
  showFindings(leaky.output)
  expect(
    leaky.output.passed === false,
    'the planted credential on "leaky" is found and blocks',
    leaky,
  )
  const vulnerable = await assistant.call('run_security_scan', { git_ref: 'vulnerable' })
  showFindings(vulnerable.output)
  const packages = findingsOf(vulnerable.output).map((finding) => finding.package)
  expect(packages.includes('lodash'), 'the vulnerable lodash on "vulnerable" is found', packages)
  screen.say('One high finding stays within the default thresholds (no critical, at most 3 high).')
}

async function stageRelease({ assistant }: Cast, version: string): Promise<void> {
  const started = await assistant.call('deploy_to_staging', { git_ref: version })
  const ended = await assistant.follow(String(started.output.deployment_id))
  expect(
    statusOf(ended) === 'success',
    `staging runs ${version}, says so itself, and is healthy`,
    ended,
  )
}

async function askForProduction({ assistant }: Cast): Promise<void> {
  screen.chapter(5, 'Production waits for a person')
  const args = { staging_version: 'v1.0.0' }
  const plan = await assistant.call('promote_to_production', { ...args, dry_run: true })
  expect(
    plan.output.status === 'dry_run',
    'a dry run answers with the plan and changes nothing',
    plan,
  )
  transcript.start()
  const wrong = { ...args, approval_token: 'letmein-letmein-letmein' }
  const refused = await assistant.call('promote_to_production', wrong)
  const wording = 'Invalid approval token for production deployment'
  expect(refused.isError && refused.text.includes(wording), 'a made-up token is refused', refused)
}

async function promote(cast: Cast, version: string, aloud = false): Promise<Answer> {
  const { assistant, person, stage } = cast
  const args = { staging_version: version }
  const waiting = await assistant.call('promote_to_production', args)
  const { id } = waiting.output.approval as { id: string }
  expect(
    waiting.output.status === 'waiting_approval',
    'nothing happens before a person agrees',
    waiting,
  )
  await person.approve(id, 'production', aloud)
  const started = await assistant.call('promote_to_production', { ...args, approval_token: id })
  expectLevel(started, stage.level)
  return await assistant.follow(String(started.output.deployment_id))
}

/** The answer says what the consent is worth, never more. */
function expectLevel(started: Answer, wanted: string): void {
  const { level, by, method } = (started.output.approved ?? {}) as Record<string, string>
  for (const line of (started.output.warnings ?? []) as string[]) screen.detail(`! ${line}`)
  expect(level === wanted, `it is started: ${by} agreed (${method}), at level ${level}`, started)
}

async function nextRelease(cast: Cast, version: string): Promise<void> {
  await cast.assistant.call('validate_deployment', { environment: 'production', git_ref: version })
  await stageRelease(cast, version)
}

async function badRelease(cast: Cast): Promise<void> {
  screen.chapter(7, 'A bad release that every earlier check lets through')
  screen.say(
    'v1.2.0 passes its tests and works on staging; in production it fails to make appointments.',
  )
  await nextRelease(cast, 'v1.2.0')
  const ended = await promote(cast, 'v1.2.0')
  const { health_status } = ended.output.deployment as { health_status: string }
  showChecks(ended.output)
  expect(statusOf(ended) === 'failure', 'the smoke tests in production catch it', ended)
  expect(
    health_status === 'unhealthy',
    'and it is called unhealthy, although its run was green',
    ended,
  )
}

async function rollBack(cast: Cast): Promise<void> {
  screen.chapter(8, 'Rollback, with the same consent and the same verification')
  const { assistant, person, stage } = cast
  const args = { environment: 'production', reason: 'v1.2.0 cannot make appointments' }
  const waiting = await assistant.call('rollback_deployment', args)
  screen.detail(String(waiting.output.explanation))
  expect(waiting.output.to_version === 'v1.1.0', 'the target is the last verified release', waiting)
  const { id } = waiting.output.approval as { id: string }
  await person.approve(id, 'production')
  const started = await assistant.call('rollback_deployment', { ...args, approval_token: id })
  expectLevel(started, stage.level)
  const ended = await assistant.follow(String(started.output.rollback_id))
  expect(
    statusOf(ended) === 'success',
    'production runs v1.1.0 again and passes its smoke tests',
    ended,
  )
  const again = await assistant.call('promote_to_production', { staging_version: 'v1.2.0' })
  expect(
    again.output.status === 'blocked',
    'the bad release is held and cannot come back by itself',
    again,
  )
}

async function lookBack({ assistant, person, stage }: Cast): Promise<void> {
  screen.chapter(10, 'What happened, and the proof that nobody changed the record')
  await assistant.call('list_deployments', { limit: 20 })
  const shown = await person.gonogo('list')
  for (const line of shown.stdout.trimEnd().split('\n').slice(1)) screen.detail(line.trim())
  screen.human('gonogo audit verify')
  const verified = await person.gonogo('audit', 'verify')
  screen.detail(verified.stdout.split('\n')[0] ?? '')
  // On GitHub its checkpoints are anchored (0); on one machine nothing outside vouches for it (6).
  expect([0, 6].includes(verified.exitCode), 'the audit log is self-consistent', verified)
  const copy = join(stage.root, 'tampered.jsonl')
  await tamper(join(stage.project.stateDirectory, 'audit.jsonl'), copy)
  screen.human(`gonogo audit verify ${copy}`)
  const tampered = await person.gonogo('audit', 'verify', copy)
  screen.detail(tampered.stdout.split('\n').slice(0, 2).join(' '))
  expect(tampered.exitCode === 1, 'a copy with one changed word is detected', tampered)
}

/** Blames somebody else for the wrong token: the kind of edit an audit log has to show. */
async function tamper(log: string, copy: string): Promise<void> {
  await copyFile(log, copy)
  const text = await readFile(copy, 'utf8')
  await writeFile(copy, text.replace('"user":"agent:demo-assistant"', '"user":"human:dana"'))
}

async function play(cast: Cast): Promise<void> {
  await meetTheCast(cast)
  await validate(cast)
  await scan(cast)
  screen.chapter(4, 'To staging')
  await stageRelease(cast, 'v1.0.0')
  const smoke = await cast.assistant.call('run_smoke_tests', { environment: 'staging' })
  expect(
    smoke.output.passed === true,
    'log in, write, read back, delete: the smoke tests pass',
    smoke,
  )
  await askForProduction(cast)
  const first = await promote(cast, 'v1.0.0', true)
  transcript.stop()
  expect(statusOf(first) === 'success', 'production runs v1.0.0', first)
  screen.chapter(6, 'The next release, with a migration')
  await nextRelease(cast, 'v1.1.0')
  const second = await promote(cast, 'v1.1.0')
  expect(statusOf(second) === 'success', 'production runs v1.1.0', second)
  await badRelease(cast)
  await rollBack(cast)
  screen.chapter(9, 'Compatibility mode: a static token in the place of a person')
  await cast.compatibility()
  await lookBack(cast)
}

async function main(): Promise<void> {
  const started = Date.now()
  const pipeline = process.argv.includes('--github') ? 'github' : 'local'
  const stage = await setStage(pipeline)
  const home = await mkdtemp(join(tmpdir(), 'gonogo-demo-approver-'))
  const env = { ...environmentOf(), ...stage.variables }
  const server: [string, ...string[]] = [...gonogo, 'mcp', '--project', stage.directory]
  let assistant: Assistant | undefined
  const strike = async () => {
    await assistant?.leave()
    await stage.clear()
    await rm(home, { recursive: true, force: true })
  }
  process.once('SIGINT', () => void strike().finally(() => process.exit(130)))
  try {
    const person = await stage.hire(home, keyboardIn(home, gonogo, stage.directory, env))
    assistant = await startAssistant(server, env)
    const { directory, github } = stage
    const compatibility = () => playCompatibility({ directory, server, env, github })
    await play({ stage, assistant, person, compatibility })
  } finally {
    await strike()
  }
  screen.chapter(11, 'Summary')
  const left = await gone(stage)
  expect(left.length === 0, 'no process is left behind', left)
  await tellReadme()
  const seconds = Math.round((Date.now() - started) / 1000)
  screen.say(`${stage.words.summary}, in ${seconds} s.`)
  screen.say(
    'Where to look next: README.md, docs/mcp.md to connect your assistant, docs/config.md for',
  )
  screen.say('your own gonogo.yaml, docs/security.md for what an approval holds against.')
}

/** `--record` writes the transcript into the README, `--check` proves that it shows this very one. */
async function tellReadme(): Promise<void> {
  const readme = join(import.meta.dirname, '..', 'README.md')
  const record = process.argv.includes('--record')
  if (!record && !process.argv.includes('--check')) return
  const told = await publish(transcript.text(), readme, record)
  expect(
    told,
    'README.md shows this transcript (else run npm run demo -- --record)',
    transcript.text(),
  )
}

/** Keepers end with their deployments, the services were stopped: a moment later all are gone. */
async function gone(stage: Stage): Promise<string[]> {
  const deadline = Date.now() + 5000
  for (;;) {
    const left = await stage.processes()
    if (left.length === 0 || Date.now() > deadline) return left
    await sleep(100)
  }
}

/** What the demo's programs see: no secrets of the person who tries it. */
function environmentOf(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'NO_COLOR', 'FORCE_COLOR']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  )
}

function statusOf({ output }: Answer): string {
  return (output.deployment as { status: string } | undefined)?.status ?? 'none'
}

function blockersOf(output: Output): string[] {
  return (output.blockers ?? []) as string[]
}

function findingsOf(
  output: Output,
): { package: string | null; severity: string; title: string; path: string | null }[] {
  return (output.vulnerabilities ?? []) as ReturnType<typeof findingsOf>
}

function showChecks(output: Output): void {
  for (const check of output.checks as { check_name: string; status: string; message: string }[]) {
    screen.detail(`${check.status.padEnd(8)} ${check.check_name.padEnd(20)} ${check.message}`)
  }
}

function showFindings(output: Output): void {
  for (const finding of findingsOf(output)) {
    screen.detail(
      `${finding.severity.padEnd(8)} ${finding.package ?? finding.path ?? ''}: ${finding.title}`,
    )
  }
}

try {
  await main()
} catch (error) {
  screen.wrong(
    error instanceof Mismatch
      ? error.message
      : String(error instanceof Error ? error.stack : error),
  )
  process.exitCode = 1
}
