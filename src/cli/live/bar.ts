const cells = 16

/** `[████░░░░]`: only ever drawn from numbers that were counted. */
export function bar(done: number, total: number): string {
  const full = Math.floor((cells * Math.min(done, total)) / total)
  return `[${'█'.repeat(full)}${'░'.repeat(cells - full)}]`
}
