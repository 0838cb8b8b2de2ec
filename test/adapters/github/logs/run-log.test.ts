import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../../../src/core/failure.ts'
import type {
  Download,
  GitHubClient,
} from '../../../../src/adapters/github/client/github-client.ts'
import { readRunLog } from '../../../../src/adapters/github/logs/run-log.ts'
import type { WorkflowJob } from '../../../../src/adapters/github/payloads.ts'
import { createRuntime } from '../../../../src/adapters/runtime/runtime.ts'
import { directories } from '../../git/fixture.ts'
import { bodyOf, serverOf, type ServerOptions } from './downloads.ts'
import { zipOf } from './zip.ts'

const directory = directories()

/** One that only gonogo knows. */
const heldSecret = 'correct-horse-battery'

type Content = string | Uint8Array | Failure
const jobLog = (id: string) => `/actions/jobs/${id}/logs`
const archive = '/actions/runs/7/attempts/2/logs'

/** A run with these jobs, and what of it can be downloaded. */
async function logs(
  jobs: readonly WorkflowJob[] | Failure,
  contents: Record<string, Content>,
  server: ServerOptions = {},
) {
  const asked: string[] = []
  const download: GitHubClient['download'] = async (route, params = {}, options = {}) => {
    const path = route.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name]))
    asked.push(path)
    const content = contents[path]
    if (content === undefined) return null
    if (content instanceof Failure) throw content
    const bytes = Buffer.from(content)
    if (path === archive) return serverOf(bytes, server).download(options.range)
    const length = bytes.length
    return { status: 200, length, total: null, body: bodyOf(bytes, server) } satisfies Download
  }
  const list = async () => {
    if (jobs instanceof Failure) throw jobs
    return { items: jobs, truncated: false, date: null }
  }
  const client = { download, list } as unknown as GitHubClient
  const deps = {
    client,
    stateDirectory: await directory(),
    runtime: createRuntime(),
    secrets: () => [heldSecret],
  }
  return { deps, asked }
}

const second = (count: number) => `2026-01-01T00:00:${String(count).padStart(2, '0')}`

function job(changes: Partial<WorkflowJob> = {}): WorkflowJob {
  return {
    id: '11',
    run_attempt: 2,
    name: 'deploy',
    status: 'completed',
    conclusion: 'success',
    started_at: `${second(1)}Z`,
    completed_at: `${second(9)}Z`,
    steps: [],
    ...changes,
  }
}

const steps = [
  ['Set up job', 'success', 1, 2],
  ['Run migrations', 'failure', 2, 4],
  ['Post Check out', 'success', 4, 5],
].map(([name, conclusion, from, to], index) => ({
  name: String(name),
  number: index + 1,
  status: 'completed',
  conclusion: String(conclusion),
  started_at: `${second(Number(from))}Z`,
  completed_at: `${second(Number(to))}Z`,
}))

const failedJob = job({ conclusion: 'failure', steps })

const failedLog = [
  `\uFEFF${second(1)}.1000000Z Current runner version: '2.330.0'`,
  `${second(2)}.0000000Z Complete job name: deploy`,
  `${second(2)}.0000000Z ##[group]Run npm run migrate`,
  `${second(2)}.1000000Z \u001b[36;1mnpm run migrate\u001b[0m`,
  `${second(2)}.2000000Z ##[endgroup]`,
  `${second(3)}.0000000Z applying 0042_add_index`,
  `${second(4)}.1000000Z ##[error]Process completed with exit code 1.`,
  `${second(4)}.2000000Z Post job cleanup.`,
  `${second(5)}.0000000Z git version 2.50`,
].join('\r\n')

const failedText = [
  '== deploy / Run migrations (failed) ==',
  'Run npm run migrate',
  'npm run migrate',
  'applying 0042_add_index',
  'error: Process completed with exit code 1.',
  '',
].join('\n')

const run = { run_id: '7', titles: ['deploy'] }

describe('of a run that ended', () => {
  test('the step that failed comes first, under its name, and nothing else', async () => {
    const jobs = [failedJob, job({ id: '12', name: 'notify', completed_at: `${second(20)}Z` })]
    const { deps } = await logs(jobs, { [jobLog('11')]: failedLog, [jobLog('12')]: 'later' })
    const log = await readRunLog(deps, run)
    expect(log).toEqual({ text: failedText, cursor: Buffer.byteLength(failedText) })
  })

  test('secrets are taken out, of what is kept for the next one, too', async () => {
    const token = `ghp_${'aB3'.repeat(12)}`
    const printed = [
      'key:',
      '-----BEGIN RSA PRIVATE KEY-----',
      'MIIEow',
      '-----END RSA PRIVATE KEY-----',
    ]
    const log = [`token ${token}`, `held ${heldSecret}.`, ...printed, 'done']
    const { deps } = await logs([job()], { [jobLog('11')]: log.join('\n') })
    for (const _ of ['fresh', 'kept']) {
      expect((await readRunLog(deps, run)).text).toBe(
        '== deploy (succeeded) ==\ntoken [redacted]\nheld [redacted].\nkey:\n[redacted]\ndone\n',
      )
    }
    const kept = join(deps.stateDirectory, 'github', 'logs')
    for (const name of await readdir(kept)) {
      expect(await readFile(join(kept, name), 'utf8')).not.toMatch(/ghp_|correct-horse|MIIEow/)
    }
  })

  test('it fits, the oldest lines go and the name stays', async () => {
    const { deps } = await logs([failedJob], { [jobLog('11')]: failedLog })
    const { text } = await readRunLog(deps, run, { maxBytes: 100 })
    expect(text.split('\n')).toEqual([
      '== deploy / Run migrations (failed) ==',
      'error: Process completed with exit code 1.',
      '',
    ])
  })

  test('a job before the one that deploys is why it never ran', async () => {
    const skipped = job({ id: '12', conclusion: 'skipped' })
    const jobs = [{ ...failedJob, name: 'migrate' }, skipped]
    const { deps } = await logs(jobs, { [jobLog('11')]: failedLog })
    const { text } = await readRunLog(deps, run)
    expect(text).toMatch(/^== migrate \/ Run migrations \(failed\) ==\n/)
  })

  test('when it went well, the end of the job that deploys', async () => {
    const late = job({ id: '12', name: 'notify', conclusion: 'failure', completed_at: second(59) })
    const { deps } = await logs([job(), late], { [jobLog('11')]: `${second(3)}Z deployed v2` })
    expect((await readRunLog(deps, run)).text).toBe('== deploy (succeeded) ==\ndeployed v2\n')
  })

  test('is read once, by however many', async () => {
    const { deps, asked } = await logs([failedJob], { [jobLog('11')]: failedLog })
    for (let reader = 0; reader < 3; reader++) {
      expect((await readRunLog(deps, run)).text).toBe(failedText)
    }
    expect(asked).toEqual([jobLog('11')])
    const kept = join(deps.stateDirectory, 'github', 'logs')
    const files = await readdir(kept)
    expect(files).toHaveLength(1)
    expect((await stat(join(kept, files[0]!))).mode & 0o077).toBe(0)
  })

  test('the archive is asked when the log of the job does not tell steps apart, or is gone', async () => {
    const zip = zipOf([{ name: 'deploy/2_Run migrations.txt', content: failedLog.slice(50) }])
    for (const content of [{ [jobLog('11')]: 'without\ntimes' }, {}]) {
      const { deps } = await logs([failedJob], { ...content, [archive]: zip })
      const { text } = await readRunLog(deps, run)
      expect(text).toContain('applying 0042_add_index')
      expect(text).not.toContain('not the whole log')
    }
  })
})

describe('what cannot be read is said', () => {
  const limited = new Failure({
    code: 'rate_limited',
    message: 'rate limited until 12:00:00 UTC',
    hint: 'wait',
    retryable: true,
  })

  test.each<[string, Record<string, Content>, RegExp]>([
    ['gone', {}, /^== deploy .*==\n== not the whole log: GitHub has no log of it.*expired ==\n$/],
    ['refused', { [jobLog('11')]: limited }, /rate limited until 12:00:00 UTC/],
    ['damaged', { [archive]: 'PK?' }, /GitHub has no log of it/],
    [
      'without steps',
      { [jobLog('11')]: 'one\ntwo' },
      /one\ntwo\n== not the whole log: which lines/,
    ],
  ])('%s', async (_, contents, text) => {
    const { deps, asked } = await logs([failedJob], contents)
    expect((await readRunLog(deps, run)).text).toMatch(text)
    const before = asked.length
    const later = { ...deps.runtime, now: () => Date.now() + 600_000 }
    await readRunLog({ ...deps, runtime: later }, run)
    expect(asked.length).toBe(2 * before)
  })

  test('cut off', async () => {
    const { deps } = await logs([failedJob], { [jobLog('11')]: failedLog }, { cutAfter: 250 })
    const { text } = await readRunLog(deps, run)
    expect(text).toContain('Run npm run migrate')
    expect(text).toMatch(/== not the whole log: cut off after 250 bytes: terminated ==\n$/)
  })

  test('a run of which nothing has begun, nothing ran, or nothing can be read', async () => {
    for (const [jobs, text] of [
      [[], '== no job of it has begun ==\n'],
      [[job({ conclusion: 'skipped' })], '== none of its jobs ran ==\n'],
      [limited, '== the log cannot be read: rate limited until 12:00:00 UTC ==\n'],
    ] as const) {
      const { deps } = await logs(jobs, {})
      expect((await readRunLog(deps, run)).text).toBe(text)
    }
  })
})

test('while it goes on: a line for each job, and the log only of one that failed', async () => {
  const running = { ...steps[1]!, status: 'in_progress', conclusion: null }
  const open = { status: 'in_progress', conclusion: null, completed_at: null }
  const jobs = [
    job({ id: '10', name: 'build', completed_at: `${second(2)}Z` }),
    { ...failedJob, name: 'migrate' },
    job({ id: '12', ...open, steps: [steps[0]!, running] }),
    job({ id: '13', name: 'deploy eu', ...open, status: 'waiting', steps: [] }),
  ]
  const { deps, asked } = await logs(jobs, { [jobLog('11')]: failedLog, [jobLog('10')]: 'built' })
  const text = [
    '== build (succeeded) ==',
    failedText.replace('deploy', 'migrate').trimEnd(),
    '== deploy / Run migrations (running) ==',
    '== deploy eu (waiting) ==',
    '',
  ].join('\n')
  expect((await readRunLog(deps, run)).text).toBe(text)
  const again = await readRunLog(deps, run, { cursor: 10 })
  expect(again).toEqual({ text, cursor: 10 + Buffer.byteLength(text) })
  expect(asked).toEqual([jobLog('11')])
})

describe('what it costs', () => {
  test('is one download for all who look at the same moment', async () => {
    const { deps, asked } = await logs([job()], { [jobLog('11')]: 'done\n' })
    const texts = await Promise.all(
      [1, 2, 3].map(() => readRunLog(deps, { run_id: '7', titles: [] })),
    )
    expect(new Set(texts.map(({ text }) => text)).size).toBe(1)
    expect(asked).toEqual([jobLog('11')])
  })

  test('is little for a log that is missing, and it is looked for again', async () => {
    const ended = Date.parse(job().completed_at!)
    let now = ended + 1000
    const { deps, asked } = await logs([job()], {})
    const runtime = { ...deps.runtime, now: () => now }
    for (let looks = 0; looks < 120; looks++) {
      const { text } = await readRunLog({ ...deps, runtime }, { run_id: '7', titles: [] })
      expect(text).toContain('GitHub has no log of it')
      now += 5000
    }
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.length).toBeLessThan(20)
  })
})
