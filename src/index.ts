/**
 * What library users import: `createGonogo`, the tools as functions for programs; the tools as data with
 * their schemas; the ports an adapter implements; and the words all of them speak.
 */
export { createGonogo } from './library.ts'
export type {
  CallOptions,
  FollowOptions,
  Gonogo,
  GonogoOptions,
  InputOf,
  OutputOf,
} from './library-types.ts'
export { Failure, type FailureCode, type FailureInit } from './core/failure.ts'
export type { Approval, ApprovalRequest, AssuranceLevel } from './core/approval.ts'
export type { Check, CheckName, Requirement } from './core/check.ts'
export type { Deployment, DeploymentStatus } from './core/deployment.ts'
export type { Finding, Severity } from './core/finding.ts'
export type { Plan } from './core/plan.ts'
export type { Principal } from './core/principal.ts'
export type { Environment, Project } from './core/project.ts'
export type { Release, ResolvedRef } from './core/release.ts'
export type { AuditLog } from './ports/audit-log.ts'
export type { Call, Context } from './ports/context.ts'
export type { Pipeline, Run, RunRequest } from './ports/pipeline.ts'
export type { Scanner, ScanReport } from './ports/scanner.ts'
export type { Source } from './ports/source.ts'
export type { Store, Tables } from './ports/store.ts'
export { defineTool, type Effect, type Tool, type ToolAnswer } from './tools/define-tool.ts'
export { selectTools, tools } from './tools/index.ts'
