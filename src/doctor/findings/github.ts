import { Failure } from '../../core/failure.ts'
import type { Environment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Ability, PlatformFacts, WorkflowFact } from '../../ports/platform.ts'
import type { PlatformEnvironment } from '../../ports/preflighter.ts'
import { fail, note, ok, unseen, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

/** What GitHub says of itself and of this gonogo. */
export async function githubFindings(patient: Patient): Promise<Finding[]> {
  const { pipeline, project, runtime } = patient.call
  if (!pipeline?.platform) return []
  if (patient.offline)
    return [unseen('github', 'GitHub was not asked (--offline)', 'gonogo doctor')]
  try {
    const facts = await pipeline.platform()
    const { environments } = project
    return [
      ...identity(facts, runtime.now()),
      ...facts.abilities.map(ability),
      ...limit(facts),
      ...clock(facts),
      ...facts.workflows.map(workflow),
      ...environments.flatMap((environment) =>
        environmentFindings(facts, environment, environments),
      ),
    ]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [fail('github_identity', oneLine(error.message, 300), oneLine(error.hint, 300))]
  }
}

const soonMs = 7 * 24 * 3_600_000
const expiryFix = 'renew the token before, then: gonogo doctor'

function identity({ name, identity: { login, source, expires_at } }: PlatformFacts, now: number) {
  const who = login === null ? 'somebody GitHub does not name' : oneLine(login, 60)
  const message = `${oneLine(name)}: asked as ${who}, with the token from ${oneLine(source, 100)}`
  const told = [ok('github_identity', message)]
  if (expires_at === null || expires_at - now > soonMs) return told
  const day = new Date(expires_at).toISOString().slice(0, 16).replace('T', ' ')
  return [...told, warn('github_identity', `the token ends at ${day} UTC`, expiryFix)]
}

function ability({ what, tools, permission, can, problem, optional }: Ability): Finding {
  const needed = `needed by ${tools.join(', ')}`
  if (can === true) return ok('github_ability', `the token can ${what}: ${needed}`)
  const why = oneLine(problem ?? 'no reason is told')
  const fix = `give the token ${permission} (docs/github.md)`
  if (can === null) {
    const message = `whether the token can ${what} is unknown (${why}); ${needed}`
    return note('github_ability', message, `if it is refused: ${fix}`)
  }
  const judge = optional ? warn : fail
  const message = `the token cannot ${what}: ${why}; ${needed}`
  return judge('github_ability', message, `${fix}, then: gonogo doctor`)
}

function limit({ limit: told }: PlatformFacts): Finding[] {
  if (told === null) return []
  const { left, of, resets_at } = told
  const until = new Date(resets_at).toISOString().slice(11, 16)
  const message = `${left} of ${of} requests are left until ${until} UTC`
  if (left > of / 10) return [ok('github_limit', message)]
  const judge = left === 0 ? fail : warn
  return [
    judge('github_limit', message, `wait until ${until} UTC, or use a GitHub App (github.app)`),
  ]
}

const toleratedMs = 30_000

function clock({ clock_ahead_ms: ahead }: PlatformFacts): Finding[] {
  if (ahead === null) return []
  const seconds = Math.max(1, Math.round(Math.abs(ahead) / 1000))
  if (Math.abs(ahead) <= toleratedMs)
    return [ok('github_clock', `this clock is within ${seconds} s of GitHub's`)]
  const way = ahead > 0 ? 'behind' : 'ahead of'
  const message = `this clock is ${seconds} s ${way} GitHub's`
  return [warn('github_clock', message, 'timedatectl set-ntp true, then: timedatectl')]
}

function workflow({ file, state, problem }: WorkflowFact): Finding {
  const name = oneLine(file, 100)
  switch (state) {
    case 'ready':
      return ok('github_workflow', `${name} is on the default branch and switched on`)
    case 'missing': {
      const message = `${name} is no workflow of the default branch: GitHub starts no other`
      const fix = `put .github/workflows/${name} on the default branch, or set github.workflow`
      return fail('github_workflow', message, fix)
    }
    case 'disabled': {
      const why = oneLine(problem ?? 'disabled', 60)
      return fail(
        'github_workflow',
        `${name} is switched off (${why})`,
        `gh workflow enable ${name}`,
      )
    }
    case 'unknown': {
      const message = `${name} could not be seen: ${oneLine(problem ?? 'no reason is told')}`
      return unseen('github', message, 'gonogo doctor')
    }
  }
}

function environmentFindings(
  { environments: seen, identity: { login } }: PlatformFacts,
  environment: Environment,
  all: readonly Environment[],
): Finding[] {
  const name = environment.github.environment
  if (seen === null) {
    const message = `the protection of the GitHub environment ${oneLine(name, 60)} could not be seen`
    return [unseen('github', message, 'give the token actions=read, then: gonogo doctor')]
  }
  const found = seen.find((each) => each.name.toLowerCase() === name.toLowerCase())
  const isGuarded = environment.approval === 'required' || environment === all.at(-1)
  if (!found) {
    const message = `the GitHub environment ${oneLine(name, 60)} does not exist: the first run makes it, without protection`
    const fix = `make it, and protect it: Settings, Environments on GitHub (docs/github.md)`
    return [warn('github_environment', message, fix)]
  }
  const weak = isGuarded ? weaknesses(found, login) : []
  return weak.length === 0 ? [ok('github_environment', protection(found))] : weak
}

/** gonogo's own gate holds for what gonogo starts; this one for everybody who may start the workflow. */
function weaknesses(environment: PlatformEnvironment, login: string | null): Finding[] {
  const { name, reviewers, branches } = environment
  const shown = oneLine(name, 60)
  const own = login !== null && reviewers.some((one) => one.toLowerCase() === login.toLowerCase())
  const told: [boolean, string, string][] = [
    [
      reviewers.length === 0 && branches === 'all',
      `the GitHub environment ${shown} takes jobs of any branch and no review: whoever may push can deploy around gonogo`,
      'limit its branches, or let people review it (docs/github.md)',
    ],
    [
      own,
      `${oneLine(login ?? '', 60)}, whose token this is, may review the GitHub environment ${shown}: that review proves nobody`,
      'take this login off its reviewers',
    ],
  ]
  return told.flatMap(([holds, message, fix]) =>
    holds ? [warn('github_environment', message, fix)] : [],
  )
}

function protection({ name, reviewers, branches, waitMinutes }: PlatformEnvironment): string {
  const facts = [
    reviewers.length === 0 ? 'nobody reviews' : `reviewed by ${reviewers.join(', ')}`,
    branches === 'all' ? 'any branch' : `${branches} branches`,
    ...(waitMinutes > 0 ? [`after ${waitMinutes} minutes`] : []),
  ]
  return `the GitHub environment ${oneLine(name, 60)}: ${oneLine(facts.join(', '))}`
}
