import type { NotificationTarget } from '../core/project.ts'
import type { OutboxMessage } from './store.ts'

/** Carries messages to those who want to hear. */
export interface Notifier {
  /** Why nothing can be sent to a target as this process is set up, without asking anybody; null: it can. */
  problem(target: NotificationTarget): string | null
  /**
   * Sends one message once. Never rejects: a target that cannot be reached, or that refuses, is an answer.
   */
  send(target: NotificationTarget, message: OutboxMessage): Promise<Sent>
}

export type Sent =
  | { delivered: true }
  /** `hopeless`: trying again would change nothing (an address on another host, a refusal). */
  | { delivered: false; problem: string; hopeless: boolean }
