interface GraphCommit {
  sha: string
  parents: readonly { sha: string }[]
}

interface Brought {
  /** Null where it joins more than two lines. */
  side: string | null
  brought: string[]
}

export interface SideCommits {
  /** What the branch itself holds, oldest first: the first parents of its tip. */
  mainline: string[]
  /** By the merge: commits that came with it and not with an earlier one, and its one other parent. */
  broughtBy: Map<string, Brought>
}

/** How commits came to a branch, from their parents alone. */
export function sideCommits(commits: readonly GraphCommit[], tip: string): SideCommits {
  const bySha = new Map(commits.map((commit) => [commit.sha, commit]))
  const mainline: GraphCommit[] = []
  for (let at = bySha.get(tip); at; at = bySha.get(at.parents[0]?.sha ?? '')) mainline.unshift(at)
  const there = new Set<string>()
  const broughtBy = new Map<string, Brought>()
  for (const { sha, parents } of mainline) {
    there.add(sha)
    const sides = parents.slice(1).map((parent) => parent.sha)
    const brought = reachable(sides, bySha, there)
    const side = sides.length === 1 ? sides[0]! : null
    if (brought.length > 0) broughtBy.set(sha, { side, brought })
  }
  return { mainline: mainline.map(({ sha }) => sha), broughtBy }
}

/** The commits behind these that are not there yet; they are there from then on. */
function reachable(
  from: string[],
  bySha: ReadonlyMap<string, GraphCommit>,
  there: Set<string>,
): string[] {
  const found: string[] = []
  for (const queue = [...from]; queue.length > 0;) {
    const commit = bySha.get(queue.pop() ?? '')
    if (!commit || there.has(commit.sha)) continue
    there.add(commit.sha)
    found.push(commit.sha)
    queue.push(...commit.parents.map(({ sha }) => sha))
  }
  return found
}
