import type { Kysely } from 'kysely'
import type { Tables } from '../../ports/store.ts'
import type { Schema } from './schema.ts'
import { createApprovalTable } from './tables/approvals.ts'
import { createDeploymentTable } from './tables/deployments.ts'
import { createEvidenceTable } from './tables/evidence.ts'
import { createHoldTable } from './tables/holds.ts'
import { createLockTable } from './tables/locks.ts'
import { createTrustedPolicyTable } from './tables/trusted-policies.ts'

/** The tables of one project over one transaction. */
export function createTables(db: Kysely<Schema>, project: string): Tables {
  return {
    deployments: createDeploymentTable(db, project),
    locks: createLockTable(db, project),
    approvals: createApprovalTable(db, project),
    evidence: createEvidenceTable(db, project),
    holds: createHoldTable(db, project),
    trustedPolicies: createTrustedPolicyTable(db, project),
  }
}
