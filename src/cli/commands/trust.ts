import type { PolicyTrust } from '../../core/policy-trust.ts'
import { oneLine } from '../../core/text.ts'
import { reviewPolicy, trustPolicy, type PolicyReview } from '../../desk/trust.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderPlan } from '../render/plan.ts'
import { printJson, type Session } from '../session.ts'
import { confirmByName, keyFileOf, type SignOptions } from '../sign.ts'
import { paletteFor } from '../style.ts'

export interface TrustOptions extends SignOptions {
  /** Only show where the policy stands. */
  check?: boolean
}

/** Shows the policy or what changed in it, has the project's name typed, and signs. */
export async function runTrust(session: Session, options: TrustOptions): Promise<ExitCode> {
  const review = await reviewPolicy(session.call)
  if (options.check || review.trust.state === 'trusted') return showStanding(session, review)
  tellReview(session, review)
  const { name } = session.call.project
  const question = `Type the project's name to trust this policy: `
  await confirmByName(session, options, { name, question, what: `the policy of ${name}` })
  const trusted = await trustPolicy(session.call, review, keyFileOf(options))
  const { good } = paletteFor(session.surface.out)
  printJson(session, { ...standing(review), ...trusted, state: 'trusted', problem: null })
  session.print(
    good(
      `trusted as ${trusted.approver}, level ${trusted.level}: policy ${trusted.policy_hash.slice(0, 12)}`,
    ),
  )
  return exits.done
}

function tellReview(session: Session, { trust, lines, policy_hash }: PolicyReview): void {
  const page = session.page('err')
  const { palette } = page
  for (const line of renderPlan(lines, page)) session.tell(line)
  if (trust.state === 'invalid') session.tell(palette.caution(`  ! ${sentence(trust)}`))
  const where = session.call.project.config_file ?? 'environment variables'
  const more = `policy ${policy_hash.slice(0, 12)}, all of it in ${where}; gonogo config show`
  session.tell(palette.faint(`  ${oneLine(more, 300)}`))
}

function showStanding(session: Session, review: PolicyReview): ExitCode {
  const { trust, lines } = review
  const { good, bad } = paletteFor(session.surface.out)
  const trusted = trust.state === 'trusted' || trust.state === 'reviewed'
  printJson(session, standing(review))
  session.print((trusted ? good : bad)(sentence(trust)))
  if (trust.state === 'changed') {
    const changes = lines.filter(({ kind }) => kind !== 'title')
    for (const line of renderPlan(changes, session.page('out'))) session.print(line)
  }
  return trusted ? exits.done : exits.blocked
}

/** What a program reads: every field there is, null where it says nothing. */
function standing({ trust, policy_hash }: PolicyReview) {
  const nothing = {
    approver: null,
    level: null,
    at: null,
    branch: null,
    problem: null,
    changes: [],
  }
  const { state, ...rest } = trust
  return { state, policy_hash, ...nothing, ...rest }
}

function sentence(trust: PolicyTrust): string {
  switch (trust.state) {
    case 'trusted':
      return `trusted: by ${trust.approver}, level ${trust.level}, at ${trust.at}`
    case 'reviewed':
      return `trusted: it is what ${oneLine(trust.branch, 100)} has, where every change is reviewed`
    case 'never':
      return 'not trusted: nobody has trusted a policy of this project'
    case 'invalid':
      return `not trusted: ${oneLine(trust.problem, 300)}`
    case 'changed':
      return `not trusted: it changed since ${trust.approver} trusted it at ${trust.at}`
  }
}
