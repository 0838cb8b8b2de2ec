import type { Text, Workflow } from '../model.ts'
import type { Rule } from '../rule.ts'
import { piecesOf } from '../template.ts'
import { finding } from './finding.ts'
import { filesOf } from './jobs.ts'

const name = 'condition-always-true'

/** GitHub makes one text of an expression and what stands beside it, and a text counts as true. */
export const conditionAlwaysTrue: Rule = {
  name,
  check(context) {
    return filesOf(context).flatMap((workflow) =>
      conditionsOf(workflow)
        .filter(isText)
        .map((place) => finding(context, name, 'warning', { workflow, place }, told(place))),
    )
  },
}

function told({ text }: Text): { message: string; fix: string } {
  const what = /\}\}\s+$/.test(text) ? 'the line break after' : 'what stands beside'
  return {
    message: `this condition is always true: ${what} \${{ }} makes a text of it, and a text counts as true`,
    fix: 'write the condition without ${{ }}, or put all of it between them, with nothing around',
  }
}

function conditionsOf({ jobs }: Workflow): Text[] {
  const all = jobs.flatMap((job) => [job.if, ...job.steps.map((step) => step.if)])
  return all.filter((text) => text !== null)
}

function isText({ text }: Text): boolean {
  const pieces = piecesOf(text)
  return pieces.length > 1 && pieces.some(({ kind }) => kind === 'expression')
}
