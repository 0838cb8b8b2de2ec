import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { BranchFile } from '../../ports/signer.ts'
import { branchReach } from './branch-reach.ts'
import type { GitHubClient } from './client/github-client.ts'
import { defaultBranchOf } from './default-branch.ts'
import { readRepositoryFile } from './repository-file.ts'
import { exactReference } from './source/commits.ts'

/** A file as what GitHub calls the default branch has it now, and whether this token could change it. */
export async function readSigners(client: GitHubClient, path: string): Promise<BranchFile> {
  const branch = await defaultBranchOf(client)
  const head = await exactReference(client, `heads/${branch}`)
  if (head === null) throw noBranch(branch)
  const [text, reach, { owner, name }] = await Promise.all([
    readRepositoryFile(client, path, head.object.sha),
    branchReach(client, branch),
    client.repository(),
  ])
  const place = `${oneLine(path, 100)} on ${oneLine(branch, 100)} of ${owner}/${name}`
  return { place, text: text ?? '', reach }
}

function noBranch(branch: string): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message: `the default branch ${oneLine(branch, 100)} cannot be read, and the list of approvers is on it`,
    hint: 'gonogo doctor',
  })
}
