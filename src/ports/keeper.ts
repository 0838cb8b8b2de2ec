/** The processes that drive deployments to their end, whatever happens to this one. */
export interface Keepers {
  /** Starts one; resolves to who watches, such as `keeper pid 4711`. */
  start(deploymentId: string): Promise<string>
  /** Starts a process that sends what waits in the outbox, and goes when nothing does; unless one is at it. */
  deliver(): Promise<void>
  /** Such a process says that it is at it, or no longer is. */
  delivers(isAtIt: boolean): Promise<void>
  /** What this process signs its leases with. */
  self(): Promise<string>
  /** Whether the owner of a lease may still be at work: false only when it is provably gone. */
  mayLive(owner: string): Promise<boolean>
}
