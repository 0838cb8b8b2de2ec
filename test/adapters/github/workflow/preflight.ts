import type { PreflightReport } from '../../../../src/core/preflight.ts'
import type { PreflightRequest } from '../../../../src/ports/preflighter.ts'
import { createPreflighter } from '../../../../src/adapters/github/workflow/preflighter.ts'

/** A request of which a test says only what it is about. */
export function preflightRequest(
  text: string,
  { files = {}, ...changes }: Partial<PreflightRequest> & { files?: Record<string, string> } = {},
): PreflightRequest {
  return {
    file: '.github/workflows/cd.yml',
    text,
    readFile: async (path) => files[path] ?? null,
    event: 'workflow_dispatch',
    inputs: {},
    ref: 'refs/heads/main',
    repository: 'acme/clinic',
    environment: null,
    defaultBranch: 'main',
    actor: 'gonogo-bot',
    ...changes,
  }
}

export async function examineText(
  ...args: Parameters<typeof preflightRequest>
): Promise<PreflightReport> {
  return await createPreflighter().examine(preflightRequest(...args))
}

/** What GitHub would refuse, without what the rules think of a file. */
export function refusals({ findings }: PreflightReport): PreflightReport['findings'] {
  return findings.filter(({ rule }) => rule.startsWith('workflow-'))
}

/** Each job as one line: whether it runs, its reason, its environment. */
export function jobLines({ jobs }: PreflightReport): string[] {
  return jobs.map(({ id, runs, reason, environment }) => {
    const word = runs === null ? 'unknown' : runs ? 'runs' : 'skipped'
    return `${id}: ${word}, ${reason}${environment === null ? '' : ` [${environment}]`}`
  })
}
