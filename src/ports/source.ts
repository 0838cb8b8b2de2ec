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
  /** Every regular file of the commit's tree, in tree order, contents read on demand in batches. */
  files(sha: string): AsyncIterable<SourceFile>
  /** One file's bytes, or null when the commit has no such file. */
  readFile(sha: string, path: string): Promise<Uint8Array | null>
  /** Writes the commit's tree into an empty or missing directory; the repository is only read. */
  export(sha: string, directory: string): Promise<void>
}

export interface SourceFile {
  /** Slash-separated, relative to the root. Untrusted text. */
  path: string
  /** Null when the file is larger than a source reads by itself (5 MiB); `readFile` still reads it. */
  content: Uint8Array | null
}
