import { HubError, notFound } from '../operation.ts'
import type { HubAnswer, Operation } from '../operation.ts'
import { latest, runOf } from './engine.ts'
import type { Engine } from './engine.ts'
import { attemptOf, jobNamed } from './run-operations.ts'
import type { Attempt, JobState, RunState } from './state.ts'
import { writeZip } from './zip-writer.ts'

const base = '/repos/{owner}/{repo}/actions'

/** Logs are a redirect to another origin, with a link that is good for a minute. */
export function logOperations(engine: Engine): Operation[] {
  return [
    get('/jobs/{job_id}/logs', ({ params }) => {
      const { run, job } = jobNamed(engine, params['job_id'])
      return jobLog(engine, run, job)
    }),
    get('/runs/{run_id}/logs', ({ params }) => {
      const run = runOf(engine, params['run_id'])
      return archive(engine, run, latest(run))
    }),
    get('/runs/{run_id}/attempts/{attempt_number}/logs', ({ params }) => {
      const run = runOf(engine, params['run_id'])
      return archive(engine, run, attemptOf(run, params['attempt_number']))
    }),
  ]
}

function get(path: string, handle: Operation['handle']): Operation {
  return { method: 'GET', path: base + path, permission: 'actions=read', handle }
}

function jobLog(engine: Engine, run: RunState, job: JobState): HubAnswer {
  if (run.logsExpired) throw expired()
  if (job.status !== 'completed' || job.logs.length === 0) throw notFound()
  const text = job.logs.map((log) => stamped(engine, job, log)).join('')
  return redirect(engine, Buffer.from(text), 'text/plain; charset=utf-8', `${job.id}.txt`)
}

function archive(engine: Engine, run: RunState, attempt: Attempt): HubAnswer {
  if (run.logsExpired) throw expired()
  const jobs = attempt.jobs.filter((job) => job.logs.length > 0)
  if (attempt.status !== 'completed' || jobs.length === 0) throw notFound()
  const entries = jobs.flatMap((job, index) => {
    const name = fileName(job.name)
    const parts = job.logs.map((log) => ({
      name: `${name}/${log.step}_${fileName(job.steps[log.step - 1]?.name ?? 'job')}.txt`,
      text: stamped(engine, job, log),
    }))
    const whole = { name: `${index}_${name}.txt`, text: parts.map((part) => part.text).join('') }
    return [whole, ...parts]
  })
  return redirect(engine, writeZip(entries), 'application/zip', `logs_${run.id}.zip`)
}

/** What GitHub makes of a name that becomes a file: shorter, and without what no file may be called. */
function fileName(name: string): string {
  return name.replaceAll(/[/:]/g, '').slice(0, 90).trim()
}

/** Each line begins with its time. */
function stamped(engine: Engine, job: JobState, log: { step: number; text: string }): string {
  const at = job.steps[log.step - 1]?.completedAt ?? job.completedAt ?? engine.core.clock.now()
  const time = new Date(at).toISOString().replace('Z', '0000Z')
  return `${log.text
    .split('\n')
    .map((line) => `${time} ${line}`)
    .join('\n')}\n`
}

function redirect(engine: Engine, content: Uint8Array, type: string, filename: string): HubAnswer {
  return { status: 302, headers: { location: engine.core.serve(content, { type, filename }) } }
}

function expired(): HubError {
  return new HubError(410, 'Server Error: the logs of this run have expired')
}
