import { oneLine } from '../../core/text.ts'
import type { GitHubClient } from './client/github-client.ts'
import { defaultBranchOf } from './default-branch.ts'
import { isUnseen } from './failure-status.ts'

export interface RequiredChecks {
  branch: string
  /** Null when they cannot be read. */
  required: string[] | null
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
  if (rules.names === null || protection.names === null) {
    return { branch: name, required: null, problems }
  }
  const required = [...new Set([...rules.names, ...protection.names])].map((text) => oneLine(text))
  return { branch: name, required, problems }
}

interface Rule {
  type: string
  parameters?: { required_status_checks?: { context: string }[] }
}

async function readRules(client: GitHubClient, branch: string): Promise<string[]> {
  const { items } = await client.list<Rule>('/rules/branches/{branch}', { params: { branch } })
  return items
    .filter(({ type }) => type === 'required_status_checks')
    .flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
    .map(({ context }) => context)
}

interface Branch {
  protection?: { required_status_checks?: { enforcement_level?: string; contexts?: string[] } }
}

/** The branch itself tells it to everybody who may read; its protection only to administrators. */
async function readProtection(client: GitHubClient, branch: string): Promise<string[]> {
  const { data } = await client.get<Branch>('/branches/{branch}', { branch })
  const checks = data.protection?.required_status_checks
  return checks?.enforcement_level === 'off' ? [] : (checks?.contexts ?? [])
}

async function asFarAsAllowed(
  read: () => Promise<string[]>,
  what: string,
): Promise<{ names: string[] | null; problem: string | null }> {
  try {
    return { names: await read(), problem: null }
  } catch (error) {
    if (!isUnseen(error)) throw error
    return { names: null, problem: `${what} cannot be read: ${oneLine(error.message)}` }
  }
}
