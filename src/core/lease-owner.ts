/** A process that holds leases, told from a later one with its pid and from those of other machines. */
export interface LeaseOwner {
  pid: number
  machine: string
  start_time: string
}

/** What a lease is signed with. */
export function ownerText({ pid, machine, start_time }: LeaseOwner): string {
  return `keeper pid ${pid} on ${machine} since ${start_time}`
}

/** The part that means something to people: `keeper pid 4711`. */
export function ownerLabel(owner: string): string {
  return owner.split(' on ')[0] ?? owner
}

/** Null for a text that does not tell enough to find the process again. */
export function parseOwner(owner: string): LeaseOwner | null {
  const [, pid, machine, start_time] = /^keeper pid (\d+) on (\S+) since (.+)$/.exec(owner) ?? []
  if (machine === undefined || start_time === undefined) return null
  return { pid: Number(pid), machine, start_time }
}
