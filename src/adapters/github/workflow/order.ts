import type { Job } from './model.ts'

/** Jobs with the ones they need before them, else as in the file. What a circle keeps apart is `stuck`. */
export function orderJobs(jobs: readonly Job[]): { ordered: Job[]; stuck: Job[] } {
  const done = new Set<string>()
  const ordered: Job[] = []
  let rest = [...jobs]
  for (;;) {
    const ready = rest.filter(({ needs }) => needs.every(({ text }) => done.has(text)))
    if (ready.length === 0) return { ordered, stuck: rest }
    for (const job of ready) done.add(job.id)
    ordered.push(...ready)
    rest = rest.filter((job) => !ready.includes(job))
  }
}
