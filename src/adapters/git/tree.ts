import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { SourceFile } from '../../ports/source.ts'
import type { Git } from './git.ts'

/** Files above this size are listed and not read. */
const largestFile = 5 * 1024 * 1024

const batchFiles = 256
const batchBytes = 16 * 1024 * 1024
const treeBytes = 256 * 1024 * 1024

/** A regular file of a tree. */
export interface TreeEntry {
  path: string
  object: string
  size: number
}

/** The regular files of a tree; symbolic links and submodules have no content of their own. */
export async function listTree(git: Git, sha: string, path?: string): Promise<TreeEntry[]> {
  const args = ['ls-tree', '-r', '-z', '-l', '--full-tree', '--end-of-options', sha]
  const listing = await git.output(path === undefined ? args : [...args, '--', path], {
    maxBytes: treeBytes,
  })
  return parseTree(new TextDecoder().decode(listing))
}

/** Parses `git ls-tree -r -z -l`. */
function parseTree(listing: string): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (const record of listing.split('\0')) {
    const match = /^100\d{3} blob ([0-9a-f]+) +(\S+)\t(.+)$/s.exec(record)
    if (!match) continue
    const [, object = '', size = '', path = ''] = match
    // git prints BAD for an object it does not have (a partial or damaged clone).
    if (!/^\d+$/.test(size)) throw missing(path)
    entries.push({ path, object, size: Number(size) })
  }
  return entries
}

/** Contents of the files, in order; one batch is in memory at a time. */
export async function* readFiles(
  git: Git,
  entries: readonly TreeEntry[],
): AsyncGenerator<SourceFile> {
  for (const batch of batches(entries)) {
    const small = batch.filter(({ size }) => size <= largestFile)
    const contents = await readBlobs(git, small)
    for (const { path, object } of batch) yield { path, content: contents.get(object) ?? null }
  }
}

/** The contents by object name; all of them are held at once. */
export async function readBlobs(
  git: Git,
  entries: readonly TreeEntry[],
): Promise<Map<string, Uint8Array>> {
  if (entries.length === 0) return new Map()
  const output = await git.output(['cat-file', '--batch'], {
    input: entries.map(({ object }) => `${object}\n`).join(''),
    maxBytes: entries.reduce((sum, { size }) => sum + size + 128, 0),
  })
  return parseBlobs(Buffer.from(output.buffer, output.byteOffset, output.length), entries)
}

function parseBlobs(output: Buffer, entries: readonly TreeEntry[]): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>()
  let offset = 0
  for (const { path, object, size } of entries) {
    const start = output.indexOf('\n', offset) + 1
    if (output.toString('latin1', offset, start) !== `${object} blob ${size}\n`) throw missing(path)
    contents.set(object, output.subarray(start, start + size))
    offset = start + size + 1
  }
  return contents
}

function* batches(entries: readonly TreeEntry[]): Generator<TreeEntry[]> {
  let batch: TreeEntry[] = []
  let bytes = 0
  for (const entry of entries) {
    const cost = entry.size <= largestFile ? entry.size : 0
    if (batch.length === batchFiles || bytes + cost > batchBytes) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(entry)
    bytes += cost
  }
  if (batch.length > 0) yield batch
}

function missing(path: string): Failure {
  return new Failure({
    code: 'source_unavailable',
    message: `the repository lacks the content of ${oneLine(path)}: a partial or damaged clone`,
    hint: 'make the clone complete: git fetch --refetch --no-filter',
  })
}
