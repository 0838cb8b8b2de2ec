import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { addApprover, listApprovers } from '../../desk/approvers.ts'
import { systemOf, usableUrl, type DecidedEnvironment } from '../../setup/draft/decide.ts'
import type { Facts } from '../../setup/survey/facts.ts'
import { chooseWorkflow } from '../../setup/workflow/choose.ts'
import { ask } from '../ask.ts'
import { exits, type ExitCode } from '../exit.ts'
import { runCommand, type CommonOptions } from '../session.ts'
import type { Surface } from '../surface.ts'

/** Who was registered as approver, if anybody. */
export interface Registration {
  exit: ExitCode
  name: string | null
}

/** Asked only where the remote looks like GitHub: through it, or not at all. */
export async function askForPipeline(surface: Surface, facts: Facts): Promise<'github' | null> {
  const host = facts.git.remote?.url.replace(/\/.*$/, '') ?? ''
  if (!/(?:^|\.)(?:github\.|ghe\.com$)/.test(host)) return null
  const { kind, path } = chooseWorkflow(facts)
  const how = kind === 'existing' ? `starting ${path}` : `a new workflow, ${path}`
  const question = `deploy through GitHub Actions, by ${how}? [y/N] `
  const answer = await ask(surface, question, 'gonogo init --pipeline github')
  return /^y(?:es)?$/i.test(answer) ? 'github' : null
}

/** Where the last two environments answer; the guess is the answer of Enter. */
export async function askForUrls(
  surface: Surface,
  environments: readonly DecidedEnvironment[],
): Promise<Record<string, string>> {
  const urls: Record<string, string> = {}
  for (const { name, url } of environments.slice(-2)) {
    const guess = url === null ? 'unknown for now' : url.value
    const question = `URL of ${name} [${guess}]: `
    const answer = await usableAnswer(surface, question, Object.values(urls))
    if (answer !== null) urls[name] = answer
    else if (url !== null) urls[name] = url.value
  }
  return urls
}

/** Null for Enter. What is no URL is asked for again. */
async function usableAnswer(
  surface: Surface,
  question: string,
  taken: readonly string[],
): Promise<string | null> {
  for (;;) {
    const answer = await ask(surface, question, 'gonogo init --yes')
    if (answer === '') return null
    const url = usableUrl(withScheme(answer))
    const isTaken = url !== null && taken.some((other) => systemOf(other) === systemOf(url))
    if (url !== null && !isTaken) return url
    const why = isTaken
      ? 'the other environment is at that address'
      : 'that is no http or https URL'
    surface.err.write(`${why}; Enter leaves it as it is\n`)
  }
}

/** Nothing on this machine has a certificate unless somebody says so. */
function withScheme(address: string): string {
  if (address.includes('://')) return address
  return `${/^(?:localhost|127\.|\[::1\])/.test(address) ? 'http' : 'https'}://${address}`
}

const keyNames = ['id_ed25519', 'id_ed25519_sk', 'id_ecdsa_sk', 'id_ecdsa', 'id_rsa']

/** Offers to register the user's own key, unless somebody is registered already. */
export async function offerApprover(
  surface: Surface,
  options: CommonOptions,
  argv: readonly string[],
  email: string | null,
): Promise<Registration> {
  const key = await firstKey(join(surface.env.HOME ?? homedir(), '.ssh'))
  if (key === null || email === null) return { exit: exits.done, name: null }
  let registered: string | null = null
  const exit = await runCommand({ surface, options, argv }, async ({ call, tell }) => {
    const known = await listApprovers(call)
    if (known.length > 0) {
      registered = known[0]!.name
      return exits.done
    }
    const question = `register ${key} as first approver, as ${oneLine(email, 80)}? [Y/n] `
    const answer = await ask(surface, question, 'gonogo approver add NAME --key FILE').catch(
      noWhenLeft,
    )
    if (!/^(?:y(?:es)?)?$/i.test(answer)) return exits.done
    const { name, fingerprint, protection } = await addApprover(call, email, key)
    registered = name
    tell(`${oneLine(name, 80)} may approve with ${fingerprint} (protection: ${protection})`)
    if (protection === 'none') {
      tell('the key has no passphrase: its approvals reach level L0, and this project wants L1')
      tell(`give it one with: ssh-keygen -p -f ${key}`)
    }
    return exits.done
  })
  return { exit, name: registered }
}

/** The file is written by now, so leaving this question by Ctrl-D declines nothing but the key. */
function noWhenLeft(error: unknown): string {
  if (error instanceof Failure && error.code === 'declined') return 'no'
  throw error
}

async function firstKey(directory: string): Promise<string | null> {
  for (const name of keyNames) {
    const file = join(directory, name)
    const found = await access(file).then(
      () => true,
      () => false,
    )
    if (found) return file
  }
  return null
}
