import { readVariable } from '../../config/environment-variables.ts'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { decideReview, listReviews, waitingReview, type WaitingReview } from '../../desk/review.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'
import { confirmByName } from '../sign.ts'
import { paletteFor } from '../style.ts'
import { wrap } from '../width.ts'

export interface ReviewOptions {
  comment?: string
  /** The environment's name, given beforehand. */
  confirm?: string
  /** Take the token that the program `gh` is signed in with. */
  gh?: boolean
}

/** Shows whose run waits for a review on the platform. */
export async function runReviewList(session: Session): Promise<ExitCode> {
  const { waiting, problem } = await listReviews(session.call)
  printJson(session, { reviews: waiting.map(asData), problem })
  if (problem !== null) session.note(`what others started could not be read: ${problem}`)
  if (waiting.length === 0) {
    const whose = problem === null ? 'no run' : 'none of the runs that gonogo started'
    session.print(`${whose} waits for a review`)
  }
  const { width } = session.page('out')
  for (const line of waiting.flatMap(linesOf)) {
    for (const part of wrap(line, width, '  ')) session.print(part)
  }
  return problem === null ? exits.done : exits.failed
}

/** Approves, after the environment's name was typed, or rejects. */
export async function runReview(
  session: Session,
  verdict: 'approved' | 'rejected',
  id: string,
  options: ReviewOptions,
): Promise<ExitCode> {
  const waiting = await waitingReview(session.call, id)
  for (const line of linesOf(waiting)) session.tell(line)
  const { environment } = waiting.deployment
  if (verdict === 'approved') {
    const question = `Type the environment's name to approve: `
    const what = `the review of ${id}`
    await confirmByName(session, options, { name: environment, question, what })
  }
  const token = await tokenOf(session, options, waiting)
  const comment = options.comment ?? `${verdict} with gonogo (${id})`
  const reviewed = await decideReview(session.call, waiting, { verdict, comment, token })
  printJson(session, { ...reviewed })
  const { good } = paletteFor(session.surface.err)
  session.tell(good(`${verdict} ${id} as ${oneLine(reviewed.reviewer, 60)}`))
  session.print(`next: gonogo status ${id}`)
  return exits.done
}

function linesOf({ deployment, reviews }: WaitingReview): string[] {
  const { id, kind, release, environment, initiated_by } = deployment
  const what = `${kind} of ${release.version} to ${environment}, started by ${initiated_by}`
  const others = kind === 'observed' ? '; gonogo did not start it and checked nothing' : ''
  return [
    oneLine(`${id}  ${what}${others}`, 300),
    ...reviews.map(({ environment: place, reviewers, url }) => {
      const who = reviewers.length > 0 ? reviewers.join(', ') : 'nobody that is named'
      return `  ${oneLine(`${place} waits for ${who}: ${url}`, 400)}`
    }),
  ]
}

function asData({ deployment, reviews }: WaitingReview) {
  const { id, kind, environment, release, initiated_by, run_id } = deployment
  const { version, sha: commit } = release
  return { deployment_id: id, kind, environment, version, commit, initiated_by, run_id, reviews }
}

async function tokenOf(
  session: Session,
  { gh }: ReviewOptions,
  { reviews }: WaitingReview,
): Promise<string> {
  if (gh) return await tokenOfGh(session, new URL(reviews[0]!.url).hostname)
  const token = readVariable(session.surface.env, 'GONOGO_REVIEW_TOKEN')
  if (token) return token
  throw new Failure({
    code: 'invalid_input',
    message: 'a review is given with your own token, and GONOGO_REVIEW_TOKEN is not set',
    hint: `set it, or add --gh to take the token gh is signed in with, or review at ${reviews[0]!.url}`,
  })
}

/** What `gh` needs to find what a person signed in with; its own variables for tokens are not among them. */
const forGh = [
  'PATH',
  'HOME',
  'APPDATA',
  'XDG_CONFIG_HOME',
  'GH_CONFIG_DIR',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
] as const

const ghTimeoutMs = 15_000

/** Nothing of what `gh` prints is shown: it may be the token. */
async function tokenOfGh({ surface }: Session, host: string): Promise<string> {
  const env = Object.fromEntries(
    forGh.flatMap((name) => {
      const value = readVariable(surface.env, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const processes = await surface.processes()
  const argv = ['gh', 'auth', 'token', '--hostname', host]
  const { exitCode, stdout } = await processes.run(argv, {
    env,
    timeoutMs: ghTimeoutMs,
    maxBytes: 64 * 1024,
  })
  const token = Buffer.from(stdout).toString('utf8').trim()
  if (exitCode === 0 && token !== '') return token
  throw new Failure({
    code: 'not_permitted',
    message: `gh has no token for ${host}`,
    hint: `run gh auth login --hostname ${host}, or set GONOGO_REVIEW_TOKEN`,
  })
}
