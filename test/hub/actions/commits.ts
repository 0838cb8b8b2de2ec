import type { Git } from '../git.ts'

export interface RefTip {
  /** `refs/heads/main` */
  ref: string
  sha: string
}

/** The commit of a branch or a tag; a bare name means the branch first. A commit by itself is none. */
export async function tipOf(git: Git, name: string): Promise<RefTip | null> {
  const candidates = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`]
  for (const candidate of candidates) {
    const found = (await git.refs(candidate)).find((each) => each.name === candidate)
    if (found !== undefined) return { ref: found.name, sha: found.commit }
  }
  return null
}

export async function workflowPaths(git: Git, commit: string): Promise<string[]> {
  const listed = await git.read('ls-tree', '--name-only', commit, '.github/workflows/')
  return (listed ?? '').split('\n').filter((path) => /\.ya?ml$/.test(path))
}

export async function commitInfo(git: Git, sha: string) {
  const format = '%T%n%an%n%ae%n%aI%n%B'
  const text = (await git.read('show', '--no-patch', `--format=${format}`, sha)) ?? ''
  const [tree = '', author = '', email = '', date = '', ...message] = text.split('\n')
  return { tree, author, email, date, message: message.join('\n').trim() }
}
