import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DeploymentPhase, DeploymentEvent } from '../../src/core/deployment.ts'
import { adopt } from '../../src/desk/adopt.ts'
import type { SmallProject, Workshop } from './small-project.ts'
import { until } from './until.ts'

/** A way through the product on which somebody is killed, and how it has to end all the same. */
export interface Scenario {
  /** Does what leads past the point; `deadly` is the environment in which it kills. */
  play(project: SmallProject, deadly: Record<string, string>, shop: Workshop): Promise<unknown>
  /** Statuses of all deployments, oldest first. */
  statuses: readonly string[]
  /** Steps of the last deployment that ran; null where that is a matter of milliseconds. */
  steps: readonly string[] | null
  /** What became of the approval; null where none was needed. */
  approval: 'consumed' | 'approved' | null
}

const bothSteps = ['prepare', 'activate']
const promotion = { staging_version: 'v1' }

/** Asks, and stays only until the answer or until somebody was killed. */
async function promote(project: SmallProject, deadly: Record<string, string>): Promise<void> {
  const approval_token = await project.approved('v1')
  const gone = new AbortController()
  const asked = project.tool(
    'promote_to_production',
    { ...promotion, approval_token },
    { env: deadly, signal: gone.signal },
  )
  await Promise.race([asked, killed(project)])
  gone.abort()
  await asked
}

/** A promotion whose last step hangs until its runner is sent `signal`. */
async function signalRunner(
  project: SmallProject,
  deadly: Record<string, string>,
  signal: NodeJS.Signals,
): Promise<void> {
  await project.obstruct('hang', 'v1')
  await promote(project, deadly)
  const run = await until('the last step to be recorded', () => runAtLastStep(project))
  process.kill(run, signal)
}

/** The runner's pid, once it has written down which process its last step is. */
async function runAtLastStep(project: SmallProject): Promise<number | null> {
  const [id] = (await project.witnesses()).filter((line) => line.endsWith(' activate'))
  if (!id) return null
  const directory = join(project.root, 'state/runs', id.split(' ')[0]!)
  const progress = JSON.parse(await readFile(join(directory, 'progress.json'), 'utf8'))
  if (progress.process === null) return null
  return JSON.parse(await readFile(join(directory, 'claim.json'), 'utf8')).pid
}

/** The local pipeline never waits for a person, and its runs are never out of sight. */
type LocalEvent = Exclude<DeploymentEvent['type'], 'run_waiting' | 'run_resumed' | 'run_not_found'>

export const scenarios = {
  success: { play: promote, statuses: ['success'], steps: bothSteps, approval: 'consumed' },
  requesterDies: {
    play: async (project, deadly) => {
      const token = await project.approved('v1')
      const argv = ['promote', 'v1', '--approval-token', token]
      return await project.gonogo(argv, { env: deadly })
    },
    statuses: ['success'],
    steps: bothSteps,
    approval: 'consumed',
  },
  /** The runner's death loses the outcome, so nothing may be run again, whatever had run. */
  lostBefore: {
    play: promote,
    statuses: ['outcome_unknown'],
    steps: [],
    approval: 'consumed',
  },
  lostBetween: {
    play: promote,
    statuses: ['outcome_unknown'],
    steps: ['prepare'],
    approval: 'consumed',
  },
  lostAfter: {
    play: promote,
    statuses: ['outcome_unknown'],
    steps: bothSteps,
    approval: 'consumed',
  },
  lostAtStep: {
    play: promote,
    statuses: ['outcome_unknown'],
    steps: null,
    approval: 'consumed',
  },
  lostInStep: {
    play: (project, deadly) => signalRunner(project, deadly, 'SIGKILL'),
    statuses: ['outcome_unknown'],
    steps: bothSteps,
    approval: 'consumed',
  },
  cancelled: {
    play: (project, deadly) => signalRunner(project, deadly, 'SIGTERM'),
    statuses: ['cancelled'],
    steps: bothSteps,
    approval: 'consumed',
  },
  stepFails: {
    play: async (project, deadly) => {
      await project.obstruct('fail', 'v1')
      await promote(project, deadly)
    },
    statuses: ['failure'],
    steps: bothSteps,
    approval: 'consumed',
  },
  ill: {
    play: async (project, deadly) => {
      project.config.smoke = {
        basic: [{ name: 'never right', path: '/health', expect: { status: 418 } }],
      }
      await project.save()
      await promote(project, deadly)
    },
    statuses: ['failure'],
    steps: bothSteps,
    approval: 'consumed',
  },
  /** Admitted, and then the configuration is another one. */
  edited: {
    play: async (project, deadly) => {
      const first = deadlyAt(project, 'start.admitted', 'first')
      await scenarios.requesterDies.play(project, first)
      project.config.evidence_hours = 23
      await project.save()
      await project.tool('list_deployments', {}, { env: deadly })
    },
    statuses: ['failure'],
    steps: [],
    approval: 'approved',
  },
  /** A rollback steps in while a deployment hangs. */
  interrupted: {
    play: async (project, deadly, { shas }) => {
      project.config.environments['production']!.approval = 'none'
      await project.save()
      project.live['production']!.claims = shas.v1
      await project.within((call) => adopt(call, 'production', 'v1'))
      project.live['production']!.claims = null
      await project.obstruct('hang', 'v2')
      await project.tool('promote_to_production', { staging_version: 'v2' })
      await until('the last step to be recorded', () => runAtLastStep(project))
      const reason = 'v2 hangs'
      await project.tool(
        'rollback_deployment',
        { environment: 'production', reason },
        { env: deadly },
      )
    },
    statuses: ['success', 'cancelled', 'success'],
    steps: bothSteps,
    approval: null,
  },
} satisfies Record<string, Scenario>

const { success, edited, interrupted } = scenarios

/** Every point a process can pass between a request and its result, by its name in the source. */
export const killPoints: Record<string, Record<string, Scenario>> = {
  'start.intent-audited': { '': scenarios.requesterDies },
  'start.admitted': { '': scenarios.requesterDies },
  'drive.claimed-*': {
    preempting: interrupted,
    starting: success,
    running: success,
    verifying: success,
    closing: success,
  } satisfies Record<Exclude<DeploymentPhase, 'ended'>, Scenario>,
  'preempt.cancelled': { '': interrupted },
  'start-run.before': { '': success },
  'start-run.refused': { '': edited },
  'local.request-written': { '': success },
  'local.runner-spawned': { '': success },
  'runner.claimed': { '': scenarios.lostBefore },
  'runner.exported': { '': scenarios.lostBefore },
  'runner.step-started': { '': scenarios.lostAtStep },
  'runner.prepared': { '': scenarios.lostBetween },
  'runner.switched': { '': scenarios.lostBetween },
  'runner.activated': { '': scenarios.lostAfter },
  'runner.outcome-written': { '': success },
  'start-run.after': { '': success },
  'verify.*': { live_version: success, health: success, smoke_tests: success },
  'drive.applied-*': {
    preempted: interrupted,
    run_started: success,
    not_started: edited,
    run_succeeded: success,
    run_failed: scenarios.stepFails,
    run_cancelled: scenarios.cancelled,
    run_lost: scenarios.lostInStep,
    verified: success,
    verification_failed: scenarios.ill,
    closed: success,
  } satisfies Record<LocalEvent, Scenario>,
  'close.audited': { '': success },
}

/** Those of GitHub, which are passed in a test of their own. */
export const gitHubPoints = ['github.dispatched', 'github.intent-written'] as const

/** Of the process that sends messages: test/e2e/notifications.test.ts. */
export const outboxPoints = ['outbox.claimed', 'outbox.sent', 'outbox.left'] as const

/** Variables that kill the first process to reach the point; its pid is in the file it marks. */
export function deadlyAt(
  project: SmallProject,
  point: string,
  mark = 'killed',
): Record<string, string> {
  const preload = pathToFileURL(join(import.meta.dirname, 'kill-at.mjs'))
  preload.searchParams.set('point', point)
  preload.searchParams.set('mark', join(project.root, mark))
  return { NODE_OPTIONS: `--import=${preload.href}` }
}

/** Resolves once somebody was killed. */
export async function killed(project: SmallProject): Promise<void> {
  await until('somebody to be killed', () =>
    readFile(join(project.root, 'killed'), 'utf8').catch(() => null),
  )
}
