import { approveRequest, type Approved } from '../../src/desk/approve.ts'
import { reviewRequest } from '../../src/desk/review-request.ts'
import type { Call } from '../../src/ports/context.ts'

/** What `gonogo approve ID` does once the person has typed the environment's name. */
export async function approveById(call: Call, id: string, keyFile: string): Promise<Approved> {
  return await approveRequest(call, await reviewRequest(call, id), keyFile)
}
