import { deployToStaging } from './deploy-to-staging.ts'
import { getDeploymentStatus } from './get-deployment-status.ts'
import { listDeployments } from './list-deployments.ts'
import { promoteToProduction } from './promote-to-production.ts'
import { rollbackDeployment } from './rollback-deployment.ts'
import { runSecurityScan } from './run-security-scan.ts'
import { runSmokeTests } from './run-smoke-tests.ts'
import { validateDeployment } from './validate-deployment.ts'
import type { Tool, Toolset } from './define-tool.ts'

/** Every tool, in the order of the journey, which is the order users see. */
export const tools: readonly Tool[] = [
  validateDeployment,
  runSecurityScan,
  deployToStaging,
  runSmokeTests,
  promoteToProduction,
  rollbackDeployment,
  getDeploymentStatus,
  listDeployments,
]

/** The tools of some toolsets; read-only leaves out every tool that writes. */
export function selectTools(selection: {
  toolsets: readonly Toolset[]
  readOnly: boolean
}): readonly Tool[] {
  return tools.filter(
    (tool) =>
      selection.toolsets.includes(tool.toolset) &&
      !(selection.readOnly && (tool.effect === 'write' || tool.effect === 'destructive')),
  )
}
