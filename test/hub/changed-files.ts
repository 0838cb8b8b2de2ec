import type { Git } from './git.ts'
import type { HubCore } from './operation.ts'
import { repositoryPage, repositoryUrl } from './views.ts'

export interface ChangedFile {
  additions: number
  deletions: number
  [key: string]: unknown
}

const words: Record<string, string> = { A: 'added', D: 'removed', R: 'renamed', C: 'copied' }
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** What differs between two commits, as GitHub lists it; a first commit differs from nothing at all. */
export async function changedFiles(
  core: HubCore,
  git: Git,
  base: string | null,
  head: string,
): Promise<ChangedFile[]> {
  const from = base ?? emptyTree
  const options = ['diff', '-z', '-M', '--no-abbrev', from, head]
  const raw = ((await git.read(...options, '--raw')) ?? '').split('\0')
  const numbers = await lineCounts(git, options)
  const files: ChangedFile[] = []
  for (const { sha, letters, filename, previous } of rawEntries(raw)) {
    const { additions = 0, deletions = 0 } = numbers.get(filename) ?? {}
    const url = `${repositoryPage(core)}/blob/${head}/${encodeURI(filename)}`
    files.push({
      sha: letters === 'D' ? null : sha,
      filename,
      status: words[letters.charAt(0)] ?? 'modified',
      additions,
      deletions,
      changes: additions + deletions,
      blob_url: url,
      raw_url: url.replace('/blob/', '/raw/'),
      contents_url: `${repositoryUrl(core)}/contents/${encodeURI(filename)}?ref=${head}`,
      ...(previous === null ? {} : { previous_filename: previous }),
    })
  }
  return files
}

/** What `git diff --raw -z` prints: of a rename both names follow. */
function* rawEntries(raw: string[]) {
  for (let at = 0; raw[at]?.startsWith(':') === true;) {
    const [, , , sha = '', letters = ''] = (raw[at] ?? '').split(' ')
    const names = raw.slice(at + 1, /^[RC]/.test(letters) ? at + 3 : at + 2)
    at += 1 + names.length
    yield {
      sha,
      letters,
      filename: names.at(-1) ?? '',
      previous: names.length > 1 ? (names[0] ?? '') : null,
    }
  }
}

async function lineCounts(
  git: Git,
  options: string[],
): Promise<Map<string, { additions: number; deletions: number }>> {
  const fields = ((await git.read(...options, '--numstat')) ?? '').split('\0')
  const counts = new Map<string, { additions: number; deletions: number }>()
  for (let at = 0; at < fields.length - 1;) {
    const [added = '', deleted = '', name = ''] = (fields[at] ?? '').split('\t')
    // Of a rename the names follow in fields of their own.
    const file = name === '' ? (fields[at + 2] ?? '') : name
    at += name === '' ? 3 : 1
    counts.set(file, { additions: Number(added) || 0, deletions: Number(deleted) || 0 })
  }
  return counts
}
