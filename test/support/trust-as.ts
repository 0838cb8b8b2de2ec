import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { policyText } from '../../src/config/policy.ts'
import type { Project } from '../../src/core/project.ts'
import { reviewPolicy, trustPolicy, type PolicyTrusted } from '../../src/desk/trust.ts'
import type { Call } from '../../src/ports/context.ts'

/** What `gonogo trust` does once the person has typed the project's name. */
export async function trustAs(call: Call, keyFile: string): Promise<PolicyTrusted> {
  return await trustPolicy(call, await reviewPolicy(call), keyFile)
}

/** The same call in a process that read another configuration. */
export function configured(call: Call, changes: Partial<Project>): Call {
  const project = { ...call.project, ...changes }
  const text = policyText(project)
  return { ...call, project, policyText: text, policyHash: call.runtime.sha256(text) }
}

/** What somebody with a database client could do to the row of a trusted policy. */
export function tamperTrust(directory: string, columns: Record<string, string | number>): void {
  const database = new DatabaseSync(join(directory, 'gonogo.db'), { timeout: 5000 })
  for (const [column, value] of Object.entries(columns)) {
    database.prepare(`update trusted_policies set ${column} = ?`).run(value)
  }
  database.close()
}
