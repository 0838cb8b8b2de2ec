import type { Rule } from '../rule.ts'
import { broadPermissions } from './broad-permissions.ts'
import { cancelEvictsDeployment } from './cancel-evicts-deployment.ts'
import { cannotFail } from './cannot-fail.ts'
import { conditionAlwaysTrue } from './condition-always-true.ts'
import { deploysWithoutApprovalCheck } from './deploys-without-approval-check.ts'
import { ignoresVersion } from './ignores-version.ts'
import { migrationsNotBeforeDeploy } from './migrations-not-before-deploy.ts'
import { noConcurrency } from './no-concurrency.ts'
import { refusedInput } from './refused-input.ts'
import { reviewersMissing } from './reviewers-missing.ts'
import { rollbackChangesNothing } from './rollback-changes-nothing.ts'
import { scriptInjection } from './script-injection.ts'
import { targetEnvironmentNotReached } from './target-environment-not-reached.ts'
import { undeclaredInput } from './undeclared-input.ts'
import { unpinnedAction } from './unpinned-action.ts'
import { unprotectedEnvironment } from './unprotected-environment.ts'
import { unreadInput } from './unread-input.ts'
import { wrongEnvironment } from './wrong-environment.ts'

/** Every rule, in the order of docs/preflight.md. */
export const rules: readonly Rule[] = [
  targetEnvironmentNotReached,
  wrongEnvironment,
  undeclaredInput,
  refusedInput,
  ignoresVersion,
  rollbackChangesNothing,
  unreadInput,
  conditionAlwaysTrue,
  cannotFail,
  migrationsNotBeforeDeploy,
  noConcurrency,
  cancelEvictsDeployment,
  deploysWithoutApprovalCheck,
  unprotectedEnvironment,
  reviewersMissing,
  unpinnedAction,
  scriptInjection,
  broadPermissions,
]
