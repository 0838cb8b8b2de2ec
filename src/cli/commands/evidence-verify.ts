import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { approvalNamespace } from '../../core/approval.ts'
import type { EvidenceBundle } from '../../core/evidence/bundle.ts'
import type { SignatureFact } from '../../core/evidence/consent.ts'
import type { EvidenceFinding } from '../../core/evidence/finding.ts'
import { judgeEvidence, outcomeOf, type EvidenceVerdict } from '../../core/evidence/verdict.ts'
import { Failure } from '../../core/failure.ts'
import { splitNotes } from '../../core/signed-note.ts'
import { oneLine } from '../../core/text.ts'
import { readEvidence } from '../../desk/read-evidence.ts'
import { readText } from '../../setup/file.ts'
import { exits, type ExitCode } from '../exit.ts'
import type { CommonOptions } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Signing, Surface } from '../surface.ts'

export interface EvidenceVerifyOptions extends CommonOptions {
  signers?: string
  publicKey?: string
  checkpoint?: string[]
}

/** Verifies a bundle with nothing but itself and what was given: no project, no network. */
export async function runEvidenceVerify(
  surface: Surface,
  options: EvidenceVerifyOptions,
  file: string,
): Promise<ExitCode> {
  const { bundle, exact } = readEvidence(await textOf('file', file), oneLine(file, 200))
  const publicKey = options.publicKey ? await textOf('public_key', options.publicKey) : null
  const checkpoints = options.checkpoint ? await notesOf(options.checkpoint) : null
  const { signatures, signing } = await withSigners(surface, options.signers, bundle)
  const { crypto } = signing.runtime
  const signersGiven = options.signers !== undefined
  const given = { crypto, signatures, signersGiven, publicKey, checkpoints }
  const verdict = withForm(judgeEvidence(bundle, given), exact)
  print(surface, options, { file, bundle, verdict })
  return exitOf[verdict.outcome]
}

const exitOf = {
  proven: exits.done,
  claimed: exits.blocked,
  contradicted: exits.failed,
} as const satisfies Record<EvidenceVerdict['outcome'], ExitCode>

function withForm(verdict: EvidenceVerdict, exact: boolean): EvidenceVerdict {
  if (exact) return verdict
  const text = 'the file is not as gonogo writes it: something was changed that reads the same'
  const form: EvidenceFinding = { state: 'contradicted', what: 'form', text }
  const findings = [form, ...verdict.findings]
  return { outcome: outcomeOf(findings), findings }
}

async function textOf(field: string, file: string): Promise<string> {
  const text = await readText(file)
  if (text !== null) return text
  throw new Failure({
    code: 'invalid_input',
    message: `there is no file ${oneLine(file, 200)}`,
    hint: 'check the path',
    details: { field },
  })
}

/** A file may hold one checkpoint after another, as the log's own does. */
async function notesOf(files: readonly string[]): Promise<string[]> {
  const notes: string[] = []
  for (const file of files) notes.push(...splitNotes(await textOf('checkpoint', file)))
  return notes
}

/** Without a list of whoever verifies, the bundle's own lines are all there is. */
async function withSigners(surface: Surface, given: string | undefined, bundle: EvidenceBundle) {
  if (given !== undefined) {
    await textOf('signers', given)
    return await verifiedBy(await surface.signing(given), bundle)
  }
  const directory = await mkdtemp(join(tmpdir(), 'gonogo-evidence-'))
  try {
    const file = join(directory, 'signers')
    await writeFile(file, `${bundle.signers.join('\n')}\n`, { mode: 0o600 })
    return await verifiedBy(await surface.signing(file), bundle)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function verifiedBy(signing: Signing, { decisions }: EvidenceBundle) {
  const signatures: (SignatureFact | null)[] = []
  for (const { statement, signature } of decisions) {
    if (signature === null) signatures.push(null)
    else {
      const verdict = await signing.signer.verify(statement, signature, approvalNamespace)
      signatures.push(
        verdict.valid
          ? { valid: true, name: verdict.approver.name }
          : { valid: false, unlisted: verdict.unlisted ?? false, problem: verdict.problem },
      )
    }
  }
  return { signatures, signing }
}

interface Told {
  file: string
  bundle: EvidenceBundle
  verdict: EvidenceVerdict
}

const words = {
  proven: 'proven',
  claimed: 'nothing contradicts it, and not everything is proven',
  contradicted: 'CONTRADICTED: do not rely on it',
} as const

function print({ out }: Surface, { json }: CommonOptions, { file, bundle, verdict }: Told): void {
  const { deployment, project } = bundle
  if (json) {
    const data = { schema_version: 1, file, project, deployment, ...verdict }
    out.write(`${JSON.stringify(data, null, 2)}\n`)
    return
  }
  const { good, bad, caution } = paletteFor(out)
  const paint = { proven: good, claimed: caution, contradicted: bad }
  const marks = { proven: '✓', claimed: '?', contradicted: '✗' }
  for (const { state, what, text } of verdict.findings)
    out.write(`${paint[state](`${marks[state]} ${what}`)}: ${oneLine(text, 400)}\n`)
  const { id, environment, release } = deployment
  const about = oneLine(`${id}: ${release.version} in ${environment} (${project})`, 300)
  out.write(`${about}: ${paint[verdict.outcome](words[verdict.outcome])}\n`)
}
