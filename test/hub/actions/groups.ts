/** Concurrency groups: by default one member runs, one waits, and a newer one takes the waiting place. */
export interface Groups {
  /** True when the member may go on at once; else its `admit` or `evict` is called later. */
  enter(name: string, member: Member, rules: GroupRules): boolean
  leave(name: string, key: string): void
}

export interface Member {
  key: string
  admit(): void
  /** A newer one took its place in the queue. */
  evict(): void
  /** A newer one wants it to end: `cancel-in-progress`. */
  interrupt(): void
}

export interface GroupRules {
  cancelInProgress: boolean
  queue: 'single' | 'max'
}

interface Group {
  running: Member | null
  waiting: Member[]
}

export function createGroups(): Groups {
  const groups = new Map<string, Group>()

  function groupNamed(name: string): Group {
    const key = name.toLowerCase()
    const group = groups.get(key) ?? { running: null, waiting: [] }
    groups.set(key, group)
    return group
  }

  return {
    enter(name, member, rules) {
      const group = groupNamed(name)
      if (group.running === null) {
        group.running = member
        return true
      }
      const room = rules.queue === 'max' ? 100 : 1
      const evicted = group.waiting.splice(0, Math.max(0, group.waiting.length + 1 - room))
      group.waiting.push(member)
      for (const each of evicted) each.evict()
      if (rules.cancelInProgress) group.running.interrupt()
      return false
    },
    leave(name, key) {
      const group = groupNamed(name)
      group.waiting = group.waiting.filter((each) => each.key !== key)
      if (group.running?.key !== key) return
      group.running = group.waiting.shift() ?? null
      group.running?.admit()
    },
  }
}
