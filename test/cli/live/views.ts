import type { Palette } from '../../../src/cli/style.ts'
import type { Canvas, DeploymentView, OverviewView, StepView } from '../../../src/cli/live/view.ts'

const same = (text: string) => text
const plain: Palette = { good: same, bad: same, caution: same, strong: same, faint: same }

export const now = Date.parse('2030-01-01T10:00:00Z')

export const canvas = (columns: number, rows: number): Canvas => ({
  columns,
  rows,
  now,
  palette: plain,
})

const step = (label: string, name: string, state: StepView['state'], text = ''): StepView => ({
  label,
  name,
  state,
  text,
})

export const deployment: DeploymentView = {
  id: 'dep_01m81r0gcaavwx8k0ktw9vcmmg',
  kind: 'promotion',
  environment: 'production',
  status: 'in_progress',
  phase: 'running',
  version: 'v1.4.0',
  initiatedBy: 'agent:claude',
  startedAt: now - 65_000,
  endedAt: null,
  usualMs: 185_000,
  lane: [
    { name: 'staging', version: 'v1.4.0', mark: 'proven', next: null },
    { name: 'production', version: 'v1.3.0', mark: 'changing', next: 'v1.4.0' },
  ],
  steps: [
    step('prepare', 'install', 'done'),
    step('prepare', 'migrate', 'now'),
    step('activate', 'restart', 'to_come'),
    step('verify', 'smoke tests', 'to_come', 'the basic suite decides'),
  ],
  watchedBy: 'keeper pid 7',
  trouble: null,
  fault: null,
  log: Array.from({ length: 30 }, (_, index) => `log line ${index + 1} ${'and more '.repeat(20)}`),
}

export const overview: OverviewView = {
  project: 'clinic',
  lane: deployment.lane,
  underWay: [
    {
      id: deployment.id,
      what: 'promotion of v1.4.0 to production',
      doing: 'running, migrate',
      startedAt: now - 65_000,
      usualMs: null,
      trouble: null,
    },
  ],
  waiting: [
    {
      id: 'apr_01m81r0gcaavwx8k0ktw9vcmmg',
      what: 'promote v1.5.0 to production',
      requester: 'agent:claude',
      expiresAt: now + 28.5 * 60_000,
    },
  ],
}
