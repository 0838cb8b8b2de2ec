import { bundleText, type EvidenceBundle } from '../../core/evidence/bundle.ts'
import { auditEvidence } from '../../desk/audit-evidence.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'
import { writeNewFile } from './output-file.ts'

/** Writes the bundle as it has to stay; what is printed with --json is for reading only. */
export async function runAuditEvidence(
  session: Session,
  id: string,
  { output }: { output?: string },
): Promise<ExitCode> {
  const bundle = await auditEvidence(session.call, id)
  if (output === undefined) {
    printJson(session, { bundle })
    session.print(bundleText(bundle).trimEnd())
    return exits.done
  }
  await writeNewFile(output, [bundleText(bundle)])
  printJson(session, { file: output, ...factsOf(bundle) })
  const { lines, decisions } = factsOf(bundle)
  session.print(`${output}: ${lines} line(s) of the log, ${decisions} decision(s)`)
  session.print(`verify it anywhere with: gonogo audit evidence-verify ${output}`)
  return exits.done
}

function factsOf({ deployment, log, decisions }: EvidenceBundle) {
  const { public_key } = log
  return {
    deployment_id: deployment.id,
    lines: log.lines.length,
    decisions: decisions.length,
    public_key,
  }
}
