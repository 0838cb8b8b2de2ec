import { withoutSecrets, type Failure } from '../core/failure.ts'
import { redact } from '../core/redact.ts'
import { oneLine, sanitize } from '../core/text.ts'
import type { ToolAnswer } from '../tools/define-tool.ts'

/** What `tools/call` answers. */
export interface McpResult {
  content: { type: 'text'; text: string }[]
  structuredContent?: Record<string, unknown>
  isError: boolean
  [key: string]: unknown
}

/** One sentence, then the same data as JSON for clients that do not read structured content. */
export function toResult({ output, summary }: ToolAnswer): McpResult {
  const text = `${oneLine(summary, 2000)}\n${JSON.stringify(output)}`
  return { content: [{ type: 'text', text }], structuredContent: output, isError: false }
}

/** A failure as something the model can act on: code, cause, next call. */
export function toErrorResult(cause: Failure): McpResult {
  // What tools refuse has no secrets left; what failed before a tool was reached is cleaned by shape.
  const failure = withoutSecrets(cause, (value) => redact(value, []))
  const { code, retryable, details } = failure
  const [message, hint] = [sanitize(failure.message), sanitize(failure.hint)]
  const error = { code, message, hint, retryable, details }
  const text = `${code}: ${message}\nNext: ${hint}\n${JSON.stringify({ error })}`
  return { content: [{ type: 'text', text }], isError: true }
}
