import type { Fault, FaultKind } from './hub.ts'
import type { HubRequest, StatefulFault } from './operation.ts'

/** The faults of one request: what happens to its answer, and what a handler may ask for. */
export interface RequestFaults {
  answer: Exclude<FaultKind, StatefulFault> | null
  take: HubRequest['fault']
}

/** Finds the faults of a request. A fault that happened as often as planned leaves the plan. */
export function faultPlan(faults: Fault[]): (method: string, path: string) => RequestFaults {
  const met = new WeakMap<Fault, number>()
  const used = new WeakMap<Fault, number>()

  const isDue = (fault: Fault) => (met.get(fault) ?? 0) >= (fault.nth ?? 1)
  const use = (fault: Fault) => {
    const times = (used.get(fault) ?? 0) + 1
    used.set(fault, times)
    if (times >= (fault.times ?? 1)) faults.splice(faults.indexOf(fault), 1)
  }

  return (method, path) => {
    const matching = faults.filter(
      (fault) => (fault.method ?? method) === method && fault.path.test(path),
    )
    for (const fault of matching) met.set(fault, (met.get(fault) ?? 0) + 1)
    const due = matching.filter(isDue)
    const answering = due.find(({ kind }) => !isStateful(kind))
    if (answering !== undefined) use(answering)
    return {
      answer: answering === undefined ? null : (answering.kind as RequestFaults['answer']),
      take<T extends StatefulFault['type']>(type: T) {
        const found = due.find((fault) => fault.kind.type === type && faults.includes(fault))
        if (found === undefined) return null
        use(found)
        return found.kind as Extract<StatefulFault, { type: T }>
      },
    }
  }
}

function isStateful(kind: FaultKind): kind is StatefulFault {
  return kind.type === 'no_run' || kind.type === 'hide_run' || kind.type === 'duplicate_run'
}

/** What GitHub answers to too many requests at a time. */
export function secondaryLimit(retryAfterSeconds: number, status: 403 | 429 = 403): FaultKind {
  return {
    type: 'status',
    status,
    headers: { 'retry-after': String(retryAfterSeconds) },
    body: {
      message:
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      documentation_url:
        'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
    },
  }
}
