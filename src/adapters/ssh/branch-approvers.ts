import { Failure } from '../../core/failure.ts'
import type { Approvers, BranchFile } from '../../ports/signer.ts'
import { createApprovers, type ApproversDeps } from './approvers.ts'
import { parseSigner } from './signers-file.ts'

export interface BranchApproversDeps extends Pick<ApproversDeps, 'identity'> {
  /** Path in the repository. */
  path: string
  read: (path: string) => Promise<BranchFile>
}

/** The list of approvers as a branch of the platform has it: asked for whenever it is used. */
export function createBranchApprovers({ path, read, identity }: BranchApproversDeps): Approvers {
  return {
    path,
    onBranch: () => read(path),
    list: async () =>
      (await read(path)).text.split('\n').flatMap((line) => parseSigner(line) ?? []),
    add: () => refuse(path),
    remove: () => refuse(path),
    outOfReach: async (otherFiles) =>
      (await read(path)).reach === null && (await filesWithin(otherFiles)).length === 0,
    async withinReach(otherFiles) {
      const { reach } = await read(path)
      return [...(reach === null ? [] : [path]), ...(await filesWithin(otherFiles))]
    },
  }

  /** Beside the list there are files of this machine, and of each it is asked as usual. */
  async function filesWithin(others: readonly string[]): Promise<string[]> {
    const [first, ...rest] = others
    if (first === undefined) return []
    return await createApprovers({ path: first, ...(identity && { identity }) }).withinReach(rest)
  }
}

async function refuse(path: string): Promise<never> {
  throw new Failure({
    code: 'invalid_input',
    message: `the list of approvers is ${path} on the repository's default branch, which gonogo does not change`,
    hint: `change ${path} in a pull request; gonogo approver list shows what holds`,
  })
}
