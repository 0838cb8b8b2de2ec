import { createHash, randomUUID } from 'node:crypto'
import {
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { GitHubClient } from '../client/github-client.ts'
import { readText } from '../files.ts'
import { sourceProblem } from './source-problem.ts'
import { tarFiles, type TarFile } from './tar.ts'
import { readTree, type TreeEntry } from './tree.ts'

/** The files of one commit, on this machine. */
export interface Snapshot {
  entries: TreeEntry[]
  read: (entry: TreeEntry) => Promise<Buffer>
}

/** Commits that are kept: those that are compared, deployed and rolled back to. */
const mostSnapshots = 5
/** What an archive leaves out or rewrites is asked for file by file. */
const mostSingleFiles = 200

/**
 * The snapshot of a commit out of the directory, downloaded first when it is not there. The tree says
 * what belongs to the commit, and each content is kept only under the hash that the tree names. The
 * archive merely brings many of them at once: its names, its links, and what the commit's attributes
 * make of it (`export-ignore`, `export-subst`) do not matter.
 */
export async function openSnapshot(
  client: GitHubClient,
  directory: string,
  sha: string,
): Promise<Snapshot> {
  const place = join(directory, sha)
  const known = await readText(join(place, manifest))
  if (known !== null) {
    const now = new Date()
    await utimes(place, now, now).catch(() => undefined)
    return snapshotOf(place, JSON.parse(known) as TreeEntry[])
  }
  const entries = await readTree(client, sha)
  await fetchInto(client, directory, sha, entries)
  return snapshotOf(place, entries)
}

const manifest = 'files.json'

function snapshotOf(place: string, entries: TreeEntry[]): Snapshot {
  return {
    entries,
    async read({ object, path }) {
      const content = await readFile(join(place, object)).catch((cause: unknown) => {
        throw sourceProblem(`the content of ${JSON.stringify(path)} is gone`, cause)
      })
      if (hashOf(content) === object) return content
      throw sourceProblem(`the kept content of ${JSON.stringify(path)} has changed`)
    },
  }
}

async function fetchInto(
  client: GitHubClient,
  directory: string,
  sha: string,
  entries: readonly TreeEntry[],
): Promise<void> {
  const draft = join(directory, `${sha}.${randomUUID()}`)
  await mkdir(draft, { recursive: true, mode: 0o700 })
  try {
    const missing = new Map(entries.map((entry) => [entry.object, entry.size]))
    const bytes = entries.reduce((sum, { size }) => sum + 2048 + size, 0)
    await fetchArchive({ client, sha, draft, most: 2 * bytes + 16 * 1024 * 1024 }, missing)
    if (missing.size > mostSingleFiles) {
      throw sourceProblem(`GitHub's archive of ${sha} lacks ${missing.size} files of the commit`)
    }
    for (const object of missing.keys()) await fetchBlob(client, draft, object)
    const text = JSON.stringify(entries)
    await writeFile(join(draft, manifest), text, { mode: 0o600, flush: true })
    // Somebody else may have been faster; theirs is the same.
    await rename(draft, join(directory, sha)).catch(() => undefined)
    await stat(join(directory, sha))
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  await removeOldest(directory)
}

interface ArchiveDeps {
  client: GitHubClient
  sha: string
  /** Absolute path of the directory that contents are put into. */
  draft: string
  /** Bytes that it may unpack to. */
  most: number
}

/** Takes what is still missing out of the archive. */
async function fetchArchive(
  { client, sha, draft, most }: ArchiveDeps,
  missing: Map<string, number>,
): Promise<void> {
  const archive = await client.download('/tarball/{ref}', { ref: sha })
  if (archive === null) return
  const sizes = new Set(missing.values())
  try {
    await pipeline(
      Readable.fromWeb(archive.body as Parameters<typeof Readable.fromWeb>[0]),
      createGunzip(),
      atMost(most),
      async (content: AsyncIterable<Uint8Array>) => {
        for await (const file of tarFiles(content)) {
          if (sizes.has(file.size)) await keep(file, draft, missing)
        }
      },
    )
  } catch (error) {
    throw sourceProblem(`GitHub's archive of ${sha} cannot be read`, error)
  }
}

/** An archive that unpacks to much more than the commit holds is not one of this commit. */
function atMost(limit: number) {
  return async function* (content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const piece of content) {
      bytes += piece.length
      if (bytes > limit) throw sourceProblem('it unpacks to more than the commit holds')
      yield piece
    }
  }
}

async function keep(
  { size, content }: TarFile,
  draft: string,
  missing: Map<string, number>,
): Promise<void> {
  const draftFile = join(draft, 'next')
  const hash = createHash('sha1').update(`blob ${size}\0`)
  const file = await open(draftFile, 'w', 0o600)
  try {
    for await (const piece of content) {
      hash.update(piece)
      await file.writeFile(piece)
    }
  } finally {
    await file.close()
  }
  const object = hash.digest('hex')
  if (missing.delete(object)) await rename(draftFile, join(draft, object))
  else await rm(draftFile)
}

async function fetchBlob(client: GitHubClient, draft: string, object: string): Promise<void> {
  const route = '/git/blobs/{file_sha}'
  const { data } = await client.get<{ content: string }>(route, { file_sha: object })
  const content = Buffer.from(data.content, 'base64')
  if (hashOf(content) !== object) throw sourceProblem(`GitHub sent another file than ${object}`)
  await writeFile(join(draft, object), content, { mode: 0o600 })
}

/** What git calls the content. */
function hashOf(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

async function removeOldest(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^[0-9a-f]{40}$/.test(name))
  const places = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      return { path, time: (await stat(path).catch(() => null))?.mtimeMs ?? 0 }
    }),
  )
  const oldest = places.toSorted((one, other) => one.time - other.time).slice(0, -mostSnapshots)
  await Promise.all(oldest.map(({ path }) => rm(path, { recursive: true, force: true })))
}
