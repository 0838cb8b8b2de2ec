import type { GitHubClient } from './client/github-client.ts'

/** Where people look at a run. */
export async function runUrl(client: GitHubClient, runId: string): Promise<string> {
  return await actionsPage(client, `runs/${runId}`)
}

/** Where people look at all runs of a workflow. */
export async function workflowUrl(client: GitHubClient, file: string): Promise<string> {
  return await actionsPage(client, `workflows/${file}`)
}

async function actionsPage(client: GitHubClient, path: string): Promise<string> {
  const { owner, name } = await client.repository()
  return `${client.webUrl}/${owner}/${name}/actions/${path}`
}
