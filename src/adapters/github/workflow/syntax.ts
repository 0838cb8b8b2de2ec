import {
  convertWorkflowTemplate,
  NoOperationTraceWriter,
  parseWorkflow,
} from '@actions/workflow-parser'
import type { PreflightFinding } from '../../../core/preflight.ts'
import { oneLine } from '../../../core/text.ts'
import type { ReadWorkflow } from './read-workflow.ts'
import type { YamlProblem } from './read-yaml.ts'

/** A broken file can give an error for every line. */
const most = 20

/** What GitHub's own parser refuses, asked only about what is YAML: endless aliases are endless to it. */
export async function syntaxFindings(workflow: ReadWorkflow): Promise<PreflightFinding[]> {
  const { file, source, problems } = workflow
  if (problems.length > 0) return problems.slice(0, most).map(toFinding)
  const trace = new NoOperationTraceWriter()
  const { context, value } = parseWorkflow({ name: file, content: source }, trace)
  if (value) await convertWorkflowTemplate(context, value)
  const errors = context.errors.getErrors().slice(0, most)
  return errors.map(({ rawMessage, range }) => {
    const { line = 0, column = 0 } = range?.start ?? {}
    return toFinding({ message: rawMessage, line, column })
  })
}

function toFinding({ message, line, column }: YamlProblem): PreflightFinding {
  return {
    rule: 'workflow-syntax',
    severity: 'error',
    line,
    column,
    message: `GitHub refuses this workflow: ${oneLine(message.split('\n')[0] ?? '', 300)}`,
    fix: 'correct it as the message says; nothing of the file runs before',
  }
}
