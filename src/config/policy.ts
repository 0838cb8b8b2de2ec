import { canonicalJson } from '../core/canonical.ts'
import type { Project } from '../core/project.ts'

/**
 * The bytes of everything that decides: hashed into plans, and trusted by an approver. Left out is
 * what only says where this process keeps or found things, so that two processes with the same
 * policy agree on its hash.
 */
export function policyText(project: Project): string {
  return canonicalJson({
    ...project,
    audit: { ...project.audit, key_file: undefined },
    state_directory: undefined,
    audit_log: undefined,
    config_file: undefined,
    github_repository: undefined,
  })
}

/** The policy as everybody else knows it. */
export function policyOf(project: Project, { sha256 }: { sha256: (text: string) => string }) {
  const text = policyText(project)
  return { policyText: text, policyHash: sha256(text) }
}
