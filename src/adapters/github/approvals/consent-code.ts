import type { ApprovalRequest } from '../../../core/approval.ts'
import { canonicalJson } from '../../../core/canonical.ts'
import type { Runtime } from '../../../ports/runtime.ts'

/** Long enough that nobody finds two requests with one code: then a yes to one would be a yes to both. */
const codeLength = 32

/** What a comment has to name: it fits exactly one request. The reference workflow works it out, too. */
export function consentCode(runtime: Pick<Runtime, 'sha256'>, request: ApprovalRequest): string {
  return runtime.sha256(canonicalJson(request)).slice(0, codeLength)
}
