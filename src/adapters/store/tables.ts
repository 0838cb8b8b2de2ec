import type { Kysely } from 'kysely'
import type { Tables } from '../../ports/store.ts'
import type { Schema } from './schema.ts'
import { createApprovalTable } from './tables/approvals.ts'
import { createCallerTokenTable } from './tables/caller-tokens.ts'
import { createDeploymentTable } from './tables/deployments.ts'
import { createEvidenceTable } from './tables/evidence.ts'
import { createHoldTable } from './tables/holds.ts'
import { createLineStopTable } from './tables/line-stops.ts'
import { createLockTable } from './tables/locks.ts'
import { createOutboxTable } from './tables/outbox.ts'
import { createReviewOwedTable } from './tables/reviews-owed.ts'
import { createTokenEventTable } from './tables/token-events.ts'
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
    lineStops: createLineStopTable(db, project),
    reviewsOwed: createReviewOwedTable(db, project),
    callerTokens: createCallerTokenTable(db, project),
    tokenEvents: createTokenEventTable(db, project),
    outbox: createOutboxTable(db, project),
  }
}
