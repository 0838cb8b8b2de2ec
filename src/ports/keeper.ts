/** The processes that drive deployments to their end, whatever happens to this one. */
export interface Keepers {
  /** Starts one; resolves to who watches, such as `keeper pid 4711`. */
  start(deploymentId: string): Promise<string>
  /** What this process signs its leases with. */
  self(): Promise<string>
  /** Whether the owner of a lease may still be at work: false only when it is provably gone. */
  mayLive(owner: string): Promise<boolean>
}
