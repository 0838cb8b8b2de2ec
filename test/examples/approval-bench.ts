import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A run that is there already: its title and how its approval job ended. */
export interface EarlierRun {
  id: number
  display_title: string
  /** Null while it runs; `none`: it has no such job. */
  conclusion: string | null
  /** When it was asked for; default now. */
  created_at?: string
}

/** A comment as GitHub shows it, and what is different from an unedited one of a person. */
export interface SaidInIssue {
  by: string
  body: string
  type?: string
  created_at?: string
  updated_at?: string
  app?: string
}

/** How the first job of the reference workflow is started. */
export interface Started {
  inputs: Record<string, string>
  /** The variable GONOGO_ALLOWED_SIGNERS. */
  signers: string
  attempt: string
  runs: EarlierRun[]
  /** Whose run it is itself; default as the reference workflow calls it, now. */
  own?: Partial<EarlierRun>
  /** The variables GONOGO_APPROVER_LOGINS and GONOGO_APPROVALS. */
  logins?: string
  wanted?: string
  /** Who starts it; default `gonogo-bot`. */
  actor?: string
  /** What is said in issue 7. */
  comments?: SaidInIssue[]
  /** Whether the platform answers questions about runs. */
  answers: boolean
}

export interface Ended {
  passed: boolean
  log: string
}

export interface Bench {
  /** Runs the script of the job as a runner would: its own variables and nothing else. */
  run(started: Started): Promise<Ended>
  close(): void
}

export const ownRun = 5000

interface Step {
  shell: string
  run: string
  env: Record<string, string>
}

export async function startBench(): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-approval-'))
  const step = firstStep()
  const script = join(directory, 'script')
  writeFileSync(script, step.run)
  const requests = new Map<string, Started>()
  const server = createServer((request, response) =>
    answer(requests.get(request.headers.authorization ?? ''), request.url ?? '', response),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    run(started) {
      const token = `token-${requests.size}`
      requests.set(`Bearer ${token}`, started)
      const env = Object.entries(step.env).map(([name, text]) => [
        name,
        filledIn(text, started, { api, token }),
      ])
      return scriptRun(step, script, Object.fromEntries(env) as Record<string, string>)
    },
    close() {
      server.closeAllConnections()
      server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function firstStep(): Step {
  const file = join(import.meta.dirname, '../../examples/workflows/cd.yml')
  const workflow = parse(readFileSync(file, 'utf8')) as { jobs: { approval: { steps: Step[] } } }
  return workflow.jobs.approval.steps[0]!
}

/** What GitHub would put in the place of an expression; one that is not foreseen is a failure. */
function filledIn(
  text: string,
  { inputs, signers, attempt, logins = '', wanted = '1', actor = 'gonogo-bot' }: Started,
  { api, token }: { api: string; token: string },
): string {
  const [, expression] = /^\$\{\{ (.*) \}\}$/.exec(text) ?? []
  if (expression === undefined) return text
  const [, input] = /^inputs\.(\w+)$/.exec(expression) ?? []
  if (input !== undefined) return inputs[input] ?? ''
  const known: Record<string, string> = {
    'vars.GONOGO_ALLOWED_SIGNERS': signers,
    'vars.GONOGO_APPROVER_LOGINS': logins,
    "vars.GONOGO_APPROVALS || '1'": wanted,
    'github.actor': actor,
    'github.triggering_actor': actor,
    'vars.GONOGO_PROJECT || github.event.repository.name': 'clinic',
    'github.api_url': api,
    'github.repository': 'acme/clinic',
    'github.run_id': String(ownRun),
    'github.run_attempt': attempt,
    'github.token': token,
  }
  const value = known[expression]
  if (value === undefined) throw new Error(`nobody knows what ${expression} is`)
  return value
}

async function scriptRun(
  { shell }: Step,
  script: string,
  env: Record<string, string>,
): Promise<Ended> {
  if (shell !== 'node {0}') throw new Error(`the script is for another shell: ${shell}`)
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  let log = ''
  child.stdout.on('data', (chunk) => (log += String(chunk)))
  child.stderr.on('data', (chunk) => (log += String(chunk)))
  const passed = await new Promise<boolean>((resolve) =>
    child.once('close', (code) => resolve(code === 0)),
  )
  return { passed, log }
}

/** The questions the script asks, answered as GitHub does: newest first, a hundred a page. */
function answer(started: Started | undefined, path: string, response: ServerResponse): void {
  const url = new URL(path, 'http://localhost')
  const body = started?.answers ? bodyOf(started, url) : null
  response.writeHead(body === null ? 403 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body ?? { message: 'Resource not accessible by integration' }))
}

function bodyOf(started: Started, { pathname, searchParams }: URL): unknown {
  const { runs: others, inputs, own } = started
  if (pathname === '/repos/acme/clinic/issues/7/comments') {
    const page = Number(searchParams.get('page'))
    return (started.comments ?? []).slice((page - 1) * 100, page * 100).map(commentView)
  }
  const root = '/repos/acme/clinic/actions'
  const { action, version, environment, deployment_id, approval_id } = inputs
  const display_title = `${action} ${version} to ${environment} (${deployment_id}) ${approval_id}`
  const created_at = new Date().toISOString()
  const itself = { id: ownRun, display_title, conclusion: null, created_at, ...own }
  const runs = [itself, ...others.map((run) => ({ created_at, ...run }))]
  if (pathname === `${root}/runs/${ownRun}`) return itself
  if (pathname === `${root}/runs`) {
    const page = Number(searchParams.get('page'))
    const since = Date.parse(searchParams.get('created')?.replace('>=', '') ?? '')
    const sorted = runs
      .filter((run) => Date.parse(run.created_at) >= since)
      .toSorted((left, right) => right.id - left.id)
    const shown = sorted.slice((page - 1) * 100, page * 100)
    return { total_count: runs.length, workflow_runs: shown }
  }
  const [, id] = /\/runs\/(\d+)\/attempts\/1\/jobs$/.exec(pathname) ?? []
  const run = runs.find((candidate) => candidate.id === Number(id))
  if (!run) return null
  const gate = { name: 'approval', conclusion: run.conclusion }
  return {
    jobs: [{ name: 'test', conclusion: 'failure' }, ...(run.conclusion === 'none' ? [] : [gate])],
  }
}

function commentView({ by, body, type = 'User', app, ...times }: SaidInIssue) {
  const now = new Date().toISOString()
  const { created_at = now, updated_at = created_at } = times
  const performed_via_github_app = app === undefined ? null : { slug: app }
  return { user: { login: by, type }, body, created_at, updated_at, performed_via_github_app }
}
