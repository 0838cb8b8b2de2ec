import { dirname } from 'node:path'
import type { AuditVerdict } from '../../core/audit.ts'
import { oneLine } from '../../core/text.ts'
import { fail, note, ok, unseen, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { existingPart, statOf, writable } from '../places.ts'
import { keptFindings } from './audit-kept.ts'

/** Whether effects can be written down, and what the lines that are there are worth. */
export async function auditFindings(patient: Patient): Promise<Finding[]> {
  const { path } = patient.call.audit
  const found = await statOf(path)
  const part = found ? path : await existingPart(dirname(path))
  if (found && !found.isFile())
    return [fail('audit_log', `${path} is no file: nothing can be written down`, `ls -ld ${path}`)]
  if (!(await writable(part)))
    return [
      fail('audit_log', `${part} cannot be written: every effect is refused`, `ls -ld ${part}`),
    ]
  if (!found) return [ok('audit_log', `${path} will be made by the first effect`)]
  return [...(await verified(patient)), ...(await keptFindings(patient))]
}

async function verified({ call, offline }: Patient): Promise<Finding[]> {
  const { audit, pipeline } = call
  if (offline && pipeline?.anchors)
    return [
      unseen('audit', 'the log was not verified: its anchors are on GitHub', 'gonogo audit verify'),
    ]
  const verdict = await audit.verify()
  return [chain(audit.path, verdict), ...anchors(audit.path, verdict)]
}

function chain(path: string, { consistent, lines, problems }: AuditVerdict): Finding {
  const [first] = problems
  if (consistent) return ok('audit_chain', `${path}: ${lines} line(s), self-consistent`)
  const message = `${path} was changed: line ${first?.line}: ${oneLine(first?.problem ?? '')}`
  return fail('audit_chain', message, 'gonogo audit verify')
}

function anchors(path: string, { anchored, checkpoints, unread }: AuditVerdict): Finding[] {
  const asked = unread.map((place) =>
    warn('audit_anchor', `an anchor could not be asked: ${oneLine(place)}`, 'gonogo audit verify'),
  )
  if (!anchored) return [unanchored(path), ...asked]
  const agreeing = checkpoints.filter(({ anchor, problem }) => anchor && problem === null)
  const size = Math.max(...agreeing.map((checkpoint) => checkpoint.size))
  const places = [...new Set(agreeing.map(({ place }) => oneLine(place, 80)))]
    .slice(0, 5)
    .join(', ')
  return [ok('audit_anchor', `the first ${size} line(s) are anchored at ${places}`), ...asked]
}

function unanchored(path: string): Finding {
  const message =
    'no anchor: whoever can write the log and the database beside it can rewrite all of it'
  const fix = `set audit.anchors.file to a file of another user; or sudo cp ${path}.checkpoints /var/backups/`
  return note('audit_anchor', message, fix)
}
