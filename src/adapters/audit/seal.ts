import { checkpointText, originOf } from '../../core/checkpoint.ts'
import { rootOf } from '../../core/merkle.ts'
import type { AuditPolicy } from '../../core/project.ts'
import { signNote } from '../../core/signed-note.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Sealed } from './head.ts'
import { signingKey } from './key.ts'
import { appendNote } from './notes.ts'
import type { End } from './read.ts'

export interface SealDeps {
  path: string
  runtime: Runtime
  project: string
  policy: AuditPolicy
}

/** The log's own checkpoints, one signed note after another. */
export function checkpointsPath(path: string): string {
  return `${path}.checkpoints`
}

export function isDue({ policy, runtime }: SealDeps, sealed: Sealed, { seq }: End): boolean {
  if (seq <= sealed.size) return false
  const { lines, minutes } = policy.checkpoint
  return seq - sealed.size >= lines || runtime.now() - sealed.at >= minutes * 60_000
}

/** Signs what the log is and keeps that beside it. Called under the lock, so that sizes only grow. */
export function seal({ path, runtime, project, policy }: SealDeps, end: End): string {
  const { crypto } = runtime
  const origin = originOf(project)
  const { key, sign } = signingKey(crypto, policy.key_file, origin)
  const root = rootOf(crypto.sha256, end.tree)
  const note = signNote(crypto, checkpointText({ origin, size: end.seq, root }), key, sign)
  appendNote(checkpointsPath(path), note, 0o600)
  return note
}
