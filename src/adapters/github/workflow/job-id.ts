/** `deploy`, one of its matrix (`deploy (eu)`), or within or behind a call (`call / deploy`). */
export function isOfJob(id: string, job: string): boolean {
  return id.split(' / ').some((part) => part === job || part.startsWith(`${job} (`))
}
