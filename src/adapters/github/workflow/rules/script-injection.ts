import { referencesIn } from '../expression.ts'
import type { Workflow } from '../model.ts'
import type { Rule } from '../rule.ts'
import { expressionsIn } from '../template.ts'
import { finding } from './finding.ts'
import { stepsOf } from './jobs.ts'

const name = 'script-injection'

/** GitHub puts the text into the script before it runs: a title with a quote in it becomes commands. */
export const scriptInjection: Rule = {
  name,
  check(context) {
    return stepsOf(context).flatMap(({ workflow, step }) =>
      [...expressionsIn(step.body)]
        .filter(({ key }) => key === 'run' || key === 'script')
        .flatMap(({ source, key, line, column }) =>
          referencesIn(source)
            .filter((path) => isUntrusted(path, workflow))
            .map((path) => {
              const message = `${path} becomes part of a script: whoever writes that text can run commands here`
              const variable = (path.split('.').at(-1) ?? 'TEXT').toUpperCase()
              const fix = `hand it over as a variable of the step (env: ${variable}: \${{ ${path} }}) and use ${key === 'run' ? `"$${variable}"` : `process.env.${variable}`}`
              const spot = { workflow, place: { line, column } }
              return finding(context, name, 'warning', spot, { message, fix })
            }),
        ),
    )
  },
}

const writtenByAnybody =
  /^github\.event\.(?:issue|pull_request|comment|review|review_comment|discussion|discussion_comment|head_commit|commits|pages|workflow_run|release|client_payload|label)\b.*(?:\.(?:title|body|message|name|email|ref|label|page_name|head_branch|display_title|tag_name|default_branch)$|client_payload\.)|^github\.head_ref$/

function isUntrusted(path: string, { inputs, callInputs }: Workflow): boolean {
  const [, input] = /^(?:github\.event\.)?inputs\.([^.]+)$/.exec(path) ?? []
  if (input === undefined) return writtenByAnybody.test(path)
  const declared = [...inputs, ...callInputs].filter(({ name: one }) => one.toLowerCase() === input)
  // GitHub lets only the declared choices through, and numbers, booleans and environments that exist.
  return declared.length === 0 || declared.some(({ type }) => type === 'string')
}
