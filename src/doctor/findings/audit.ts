import { dirname } from 'node:path'
import { oneLine } from '../../core/text.ts'
import { fail, note, ok, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { existingPart, statOf, writable } from '../places.ts'

/** Whether effects can be written down, and what the lines that are there are worth. */
export async function auditFindings({ call: { audit } }: Patient): Promise<Finding[]> {
  const { path } = audit
  const found = await statOf(path)
  const part = found ? path : await existingPart(dirname(path))
  if (found && !found.isFile())
    return [fail('audit_log', `${path} is no file: nothing can be written down`, `ls -ld ${path}`)]
  if (!(await writable(part)))
    return [
      fail('audit_log', `${part} cannot be written: every effect is refused`, `ls -ld ${part}`),
    ]
  if (!found) return [ok('audit_log', `${path} will be made by the first effect`)]
  const { consistent, lines, problems } = await audit.verify()
  const [first] = problems
  const chain = consistent
    ? ok('audit_chain', `${path}: ${lines} line(s), self-consistent`)
    : fail(
        'audit_chain',
        `${path} was changed: line ${first?.line}: ${oneLine(first?.problem ?? '')}`,
        'gonogo audit verify',
      )
  return [chain, unanchored(path)]
}

function unanchored(path: string): Finding {
  const message =
    'no anchor: whoever can write the log and the database beside it can rewrite all of it'
  return note('audit_anchor', message, `sudo cp ${path} /var/backups/, and compare it later`)
}
