import { oneLine } from '../../core/text.ts'
import type { AuditStatus, OutsidePlace } from '../../ports/audit-log.ts'
import { note, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { statOf } from '../places.ts'

const mebibyte = 1024 * 1024
/** A log of this size takes a while to verify. */
const largeMiB = 100
const dayMs = 24 * 3_600_000

/** How the log is sealed, anchored, copied and rotated. */
export async function keptFindings({ call }: Patient): Promise<Finding[]> {
  const status = await call.audit.status()
  return [
    ...(await key(status)),
    ...checkpoint(status, call.runtime.now()),
    ...failing('audit_anchor', 'anchor', status.anchors, 'gonogo audit checkpoint'),
    ...failing('audit_stream', 'stream', status.streams, 'gonogo audit status'),
    ...size(status, call.project.audit.rotate_mb),
  ]
}

async function key({ key_file }: AuditStatus): Promise<Finding[]> {
  const found = await statOf(key_file)
  if (found === null) return []
  const mode = found.mode & 0o777
  if ((mode & 0o077) === 0)
    return [ok('audit_key', `${key_file}, which signs checkpoints, is this user's alone`)]
  const message = `${key_file}, which signs checkpoints, can be used by others (mode ${mode.toString(8)})`
  return [warn('audit_key', message, `chmod 600 ${key_file}`)]
}

function checkpoint({ checkpoint: newest, lines }: AuditStatus, now: number): Finding[] {
  if (newest === null) {
    if (lines === 0) return []
    const message = `${lines} line(s), and no checkpoint so far`
    return [note('audit_checkpoint', message, 'gonogo audit checkpoint')]
  }
  const open = lines - newest.size
  const days = Math.floor((now - newest.at) / dayMs)
  const age = days > 0 ? `${days} day(s) ago` : 'within the last day'
  const message = `the newest checkpoint covers ${newest.size} of ${lines} line(s), signed ${age}`
  return open > 0 && days > 0
    ? [note('audit_checkpoint', message, 'gonogo audit checkpoint')]
    : [ok('audit_checkpoint', message)]
}

function failing(
  id: 'audit_anchor' | 'audit_stream',
  what: string,
  places: readonly OutsidePlace[],
  fix: string,
): Finding[] {
  return places.flatMap(({ place, problem }) =>
    problem === null
      ? []
      : [warn(id, `the ${what} ${oneLine(place, 100)} failed last: ${oneLine(problem)}`, fix)],
  )
}

function size({ path, bytes }: AuditStatus, rotateMb: number | null): Finding[] {
  const mebibytes = Math.floor(bytes / mebibyte)
  if (mebibytes < largeMiB || rotateMb !== null) return []
  const message = `${path} has grown to ${mebibytes} MiB, and goes on in the same file`
  return [note('audit_size', message, 'set audit.rotate_mb in gonogo.yaml (docs/audit.md)')]
}
