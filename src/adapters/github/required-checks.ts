import { oneLine } from '../../core/text.ts'
import type { GitHubClient } from './client/github-client.ts'
import { defaultBranchOf } from './default-branch.ts'
import { isUnseen } from './failure-status.ts'

export interface RequiredCheck {
  name: string
  /** The App whose result it must be; null: anybody's. */
  app: string | null
}

export interface RequiredChecks {
  branch: string
  /** Null when they cannot be read. */
  required: RequiredCheck[] | null
  problems: string[]
}

/** What rulesets and classic protection demand on a branch: both may be in force. */
export async function readRequiredChecks(
  client: GitHubClient,
  branch: string | null,
): Promise<RequiredChecks> {
  const name = branch ?? (await defaultBranchOf(client))
  const [rules, protection] = await Promise.all([
    asFarAsAllowed(() => readRules(client, name), `the rules of ${name}`),
    asFarAsAllowed(() => readProtection(client, name), `the protection of ${name}`),
  ])
  const problems = [rules.problem, protection.problem].filter((text) => text !== null)
  if (rules.checks === null || protection.checks === null) {
    return { branch: name, required: null, problems }
  }
  return { branch: name, required: [...rules.checks, ...protection.checks], problems }
}

interface Rule {
  type: string
  parameters?: { required_status_checks?: { context: string; integration_id?: string }[] }
}

async function readRules(client: GitHubClient, branch: string): Promise<RequiredCheck[]> {
  const { items } = await client.list<Rule>('/rules/branches/{branch}', { params: { branch } })
  return items
    .filter(({ type }) => type === 'required_status_checks')
    .flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
    .map(({ context, integration_id }) => checkOf(context, integration_id))
}

interface Branch {
  protection?: {
    required_status_checks?: {
      enforcement_level?: string
      contexts?: string[]
      checks?: { context: string; app_id?: string | null }[]
    }
  }
}

/** The branch itself tells it to everybody who may read; its protection only to administrators. */
async function readProtection(client: GitHubClient, branch: string): Promise<RequiredCheck[]> {
  const { data } = await client.get<Branch>('/branches/{branch}', { branch })
  const checks = data.protection?.required_status_checks
  if (checks === undefined || checks.enforcement_level === 'off') return []
  const named = (checks.checks ?? []).map(({ context, app_id }) => checkOf(context, app_id))
  const known = new Set((checks.checks ?? []).map(({ context }) => context))
  const others = (checks.contexts ?? []).filter((context) => !known.has(context))
  return [...named, ...others.map((context) => checkOf(context, null))]
}

/** -1 stands for any App. */
function checkOf(context: string, app: string | null | undefined): RequiredCheck {
  return { name: oneLine(context), app: app === undefined || app === '-1' ? null : app }
}

async function asFarAsAllowed(
  read: () => Promise<RequiredCheck[]>,
  what: string,
): Promise<{ checks: RequiredCheck[] | null; problem: string | null }> {
  try {
    return { checks: await read(), problem: null }
  } catch (error) {
    if (!isUnseen(error)) throw error
    return { checks: null, problem: `${what} cannot be read: ${oneLine(error.message)}` }
  }
}
