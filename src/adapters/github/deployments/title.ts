/** What the reference workflow's title says: `promote v1.4.0 to production (dep_...) apr_...`. */
export interface DeployTitle {
  version: string
  /** Name of the GitHub environment. */
  environment: string
}

/** Null for a title of another form. */
export function parseTitle(title: string): DeployTitle | null {
  const [, , version, environment] =
    /^(deploy|promote|rollback) (\S+) to (\S+)(?: \([\w-]*\)(?: [\w-]+)?)?$/.exec(title.trim()) ??
    []
  return version && environment ? { version, environment } : null
}

/** The gonogo deployment id that a title carries anywhere; null without one, or with several. */
export function deploymentIdIn(title: string): string | null {
  const ids = new Set(title.match(/(?<![\w-])dep_[A-Za-z0-9_-]{8,100}(?![\w-])/g))
  return ids.size === 1 ? [...ids][0]! : null
}
