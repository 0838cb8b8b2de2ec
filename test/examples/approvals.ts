import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  approvalNamespace,
  type ApprovalRequest,
  type DecisionStatement,
} from '../../src/core/approval.ts'
import { canonicalJson } from '../../src/core/canonical.ts'
import { trustNamespace } from '../../src/core/policy-trust.ts'

export const commit = 'c0ffee0000000000000000000000000000000001'

export const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString()

/** A request as a person signs it. */
export function request(change: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    format: 'gonogo-approval-v2',
    id: 'apr_01JABCDEFGHJKMNPQRSTVWXYZ1',
    action: 'promote',
    kind: 'standard',
    project: 'clinic',
    environment: 'production',
    version: 'v1.4.0',
    commit,
    digests: [],
    plan_hash: 'f'.repeat(64),
    requester: 'agent:assistant',
    operator: 'tester',
    overrides: [],
    reason: null,
    nonce: 'nonce_1',
    expires_at: minutes(20),
    ...change,
  }
}

/** A yes to a request, as it is signed. */
export function statementOf(
  of: ApprovalRequest,
  change: Partial<DecisionStatement> = {},
): DecisionStatement {
  return {
    format: 'gonogo-decision-v1',
    verdict: 'approved',
    request: of,
    reason: null,
    code_sha256: null,
    decided_at: minutes(0),
    ...change,
  }
}

export interface Signing {
  of?: ApprovalRequest
  /** Who signs; several are several decisions. */
  by?: string | readonly string[]
  namespace?: string
  approver?: string
  /** What is said differently from a plain yes to `of`. */
  says?: Partial<DecisionStatement>
  /** Number of the issue where people answered. */
  issue?: number
}

/** People with keys, who sign what a pipeline gets. */
export interface Approvers {
  /** The input `approval` of a workflow. */
  approval(signing?: Signing): string
  sign(text: string, name: string): string
  /** The private key file of somebody. */
  key(name: string): string
  /** A line of the list of approvers. */
  line(name: string, options?: string): string
  close(): void
}

export function makeApprovers(): Approvers {
  const directory = mkdtempSync(join(tmpdir(), 'gonogo-approvers-'))
  const key = (name: string) => {
    const file = join(directory, name)
    const argv = ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]
    if (!existsSync(file)) execFileSync('ssh-keygen', argv)
    return file
  }
  const sign = (text: string, name: string, namespace = approvalNamespace) =>
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', key(name)], {
      input: text,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  return {
    approval({ of = request(), by = 'ada', namespace, approver, says, issue } = {}) {
      const text = canonicalJson(statementOf(of, says))
      const decisions = [by].flat().map((name) => ({
        statement: text,
        signature: sign(text, name, namespace),
        approver: approver ?? name,
      }))
      return packed({
        request: canonicalJson(of),
        decisions,
        ...(issue !== undefined && { issue }),
      })
    },
    sign: (text, name) => sign(text, name),
    key,
    line(name, options = `namespaces="${approvalNamespace},${trustNamespace}" `) {
      const publicKey = readFileSync(`${key(name)}.pub`, 'utf8').trim()
      return `${name} ${options}${publicKey} protection=passphrase`
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  }
}

export function packed(parts: unknown): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64')
}
