import type { ResolvedRef } from '../core/release.ts'

/** Where releases come from: a git repository. Reading never changes it. */
export interface Source {
  /**
   * Resolves a branch, tag, full or unambiguous short commit. Fails with `unknown_version` naming the
   * ref (and the candidates when it is ambiguous), or `source_unavailable` without a repository.
   */
  resolve(ref: string): Promise<ResolvedRef>
  /** The branch releases must be reachable from, as configured or as the repository's HEAD says. */
  defaultBranch(): Promise<string>
  /** Whether `sha` is `branch`'s head or one of its ancestors. */
  isAncestor(sha: string, branch: string): Promise<boolean>
  /**
   * How `sha` stands to `other`: older is one of its ancestors. Fails with `source_unavailable` when the
   * history that is there does not tell.
   */
  compare(sha: string, other: string): Promise<Kinship>
  /** Hash of the commit's content: two commits with the same one have the same files. Absent: unknown. */
  tree?(sha: string): Promise<string | null>
  /** The paths of every regular file of the commit's tree, in tree order. Untrusted text. */
  paths(sha: string): Promise<string[]>
  /**
   * Every regular file of the commit's tree, in tree order, contents read on demand in batches. With
   * `wanted` only those whose path it accepts.
   */
  files(sha: string, wanted?: (path: string) => boolean): AsyncIterable<SourceFile>
  /** One file's bytes, or null when the commit has no such file. */
  readFile(sha: string, path: string): Promise<Uint8Array | null>
  /** Writes the commit's tree into an empty or missing directory; the repository is only read. */
  export(sha: string, directory: string): Promise<void>
}

/** Diverged: each has commits that the other one lacks. */
export type Kinship = 'same' | 'older' | 'newer' | 'diverged'

export interface SourceFile {
  /** Slash-separated, relative to the root. Untrusted text. */
  path: string
  /** Null when the file is larger than a source reads by itself (5 MiB); `readFile` still reads it. */
  content: Uint8Array | null
}
