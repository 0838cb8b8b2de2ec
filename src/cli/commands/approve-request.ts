import { Failure } from '../../core/failure.ts'
import { reviewPortable, signPortable } from '../../desk/portable.ts'
import { exits, type ExitCode } from '../exit.ts'
import { readInput } from '../read-input.ts'
import { pageFor } from '../render/page.ts'
import { renderPlan } from '../render/plan.ts'
import { quoted, type Caller, type CommonOptions } from '../session.ts'
import { confirmByName, keyFileOf } from '../sign.ts'
import type { ApproveFlags } from './approve.ts'

export interface RequestFlags extends CommonOptions {
  /** File of an exported request, or `-`. */
  request?: string
}

/** Shows and signs a request where its project is not; the signed decision goes to stdout. */
export async function runApproveRequest(
  { surface, argv }: Caller,
  id: string | undefined,
  options: ApproveFlags & RequestFlags,
): Promise<ExitCode> {
  if (id !== undefined) throw notBoth('approval id')
  if (options.code) throw notBoth('--code')
  const file = await readInput(surface, options.request!, '--request')
  const { runtime, signer } = await surface.signing('/dev/null')
  const now = runtime.now()
  const { portable, lines } = reviewPortable(file, runtime)
  const page = pageFor(surface.err, { exactTimes: options.exactTimes, now })
  for (const line of renderPlan(lines, page)) surface.err.write(`${line}\n`)
  const { environment, id: request } = portable.request
  const again = (...flags: string[]) => ['gonogo', ...argv, ...flags].map(quoted).join(' ')
  await confirmByName({ surface, again }, options, {
    name: environment,
    question: "Type the environment's name to approve: ",
    what: `the approval of ${request}`,
  })
  const keyFile = keyFileOf(options)
  const reason = options.reason ?? null
  const signed = await signPortable({ runtime, signer }, portable, keyFile, reason)
  surface.out.write(`${JSON.stringify({ schema_version: 1, ...signed }, null, 2)}\n`)
  if (!options.quiet)
    surface.err.write('signed; where the project is: gonogo approval import FILE\n')
  return exits.done
}

function notBoth(what: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `--request: takes no ${what} besides`,
    hint: 'run gonogo approve --request FILE, or gonogo approve ID where the project is',
  })
}
