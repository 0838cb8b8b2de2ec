/** Long work that outlives the call that asked for it, so that the same call later joins it. */
export interface Operations {
  /**
   * Runs `work`, or joins the run of the same key. Resolves with the result, or with a pending handle
   * once `waitMs` has passed or `signal` aborted; the work goes on. A finished result is handed to
   * the next call with the same key, then forgotten.
   */
  join<T>(request: OperationRequest<T>): Promise<OperationOutcome<T>>
}

export interface OperationRequest<T> {
  key: string
  waitMs: number
  signal?: AbortSignal
  work: () => Promise<T>
}

export type OperationOutcome<T> =
  | { done: true; result: T }
  | { done: false; operation_id: string; started_at: number }
