import { placeIn, type Place, type Text } from '../model.ts'
import type { Rule, RuleContext } from '../rule.ts'
import { finding } from './finding.ts'
import { jobsOf, type JobIn, type StepIn } from './jobs.ts'
import { isShell, linesOf, shellOf, type Hidden, type Line } from './shell.ts'
import { curlProblems } from './curl.ts'
import { isAside } from './words.ts'

const name = 'cannot-fail'

/** A step that is always green says nothing: the deployment could have failed in it. */
export const cannotFail: Rule = {
  name,
  check(context) {
    return jobsOf(context)
      .filter(({ job }) => !isAside(`${job.id} ${job.name?.text ?? ''}`))
      .flatMap((found) => [
        ...forgiven(context, found, found.job.continueOnError),
        ...found.job.steps.flatMap((step) => inStep(context, { ...found, step })),
      ])
  },
}

function inStep(context: RuleContext, found: StepIn) {
  const { step, workflow } = found
  // What cleans up after others is not what the run is about.
  const after = /\b(?:always|failure|cancelled)\s*\(/.test(step.if?.text ?? '')
  if (after || isAside(step.name?.text ?? '')) return []
  const { run } = step
  const hidden = run === null || !isShell(found) ? [] : hiddenIn(run, shellOf(found))
  return [
    ...forgiven(context, found, step.continueOnError),
    ...hidden.map(({ offset, what, fix }) =>
      hides(context, workflow, placeIn(run!, offset), what, fix),
    ),
  ]
}

function hides(
  context: RuleContext,
  workflow: RuleContext['workflow'],
  place: Place,
  what: string,
  fix: string,
) {
  const message = `${what}: the step is green whatever happens`
  return finding(context, name, 'warning', { workflow, place }, { message, fix })
}

function forgiven(context: RuleContext, { workflow }: JobIn, setting: Text | null) {
  if (setting === null || !/^(?:\$\{\{\s*)?true(?:\s*\}\})?$/.test(setting.text)) return []
  const fix = 'remove it, or use it only for what may fail and look at steps.ID.outcome afterwards'
  return [hides(context, workflow, setting, 'continue-on-error forgives every failure', fix)]
}

function hiddenIn(run: Text, shell: string | null): Hidden[] {
  const lines = linesOf(run)
  return [
    ...lines.flatMap(swallowed),
    ...leavesEarly(lines),
    ...unstopped(run, lines),
    ...(pipesFail(run, shell) ? [] : lines.flatMap(piped)),
    ...lines.flatMap(curlProblems),
  ].toSorted((left, right) => left.offset - right.offset)
}

const swallowing = /\|\|\s*(?:true|:|exit 0|echo\b[^|;&]*)\s*[)"'}]*\s*(?:;|$|#)/
// What may be missing already, and what is asked about.
const mayFail =
  /\b(?:rm|rmdir|mkdir|kill|pkill|prune|unlink|delete|grep|diff|which|command -v|docker (?:stop|rm|rmi|logout|network|volume))\b|\$\([^)]*$/

function swallowed({ text, offset }: Line): Hidden[] {
  const match = swallowing.exec(text)
  if (!match || mayFail.test(text.slice(0, match.index))) return []
  const fix = 'remove it, or test for the one failure that may happen'
  return [{ offset: offset + match.index, what: `"${match[0].trim()}" hides the failure`, fix }]
}

const asksForMissing = /(?:^|[\s[!])-z\s|!\s+-n\s|==?\s*(?:""|'')(?:\s|\])/

/** A green end because a secret or a variable is missing. */
function leavesEarly(lines: readonly Line[]): Hidden[] {
  return lines.flatMap((line, index) => {
    if (!asksForMissing.test(line.text)) return []
    const end = lines.findIndex(
      ({ text }, at) => at >= index && /(?:^|;)\s*(?:fi|else|elif)\b/.test(text),
    )
    const block = lines.slice(index, end < 0 ? index + 1 : end + 1)
    const leaving = block.find(({ text }) => /\bexit 0\b/.test(text))
    if (!leaving) return []
    const offset = leaving.offset + leaving.text.search(/\bexit 0\b/)
    const what = '"exit 0" where something is missing'
    return [{ offset, what, fix: 'say what is missing and use "exit 1"' }]
  })
}

/** `set +e` for good, with nobody asking how a command went. */
function unstopped({ text }: Text, lines: readonly Line[]): Hidden[] {
  const line = lines.find((candidate) => /^\s*set \+e\b/.test(candidate.text))
  if (!line || /\$\?|set -[a-z]*e|\$\{?PIPESTATUS/.test(text)) return []
  const fix = 'remove it: only the last command decides then'
  return [
    { offset: line.offset + line.text.search(/\S/), what: '"set +e" goes on after failures', fix },
  ]
}

/** Named as `bash`, the shell looks at the whole pipe; left out, it does not. */
function pipesFail({ text }: Text, shell: string | null): boolean {
  return shell === 'bash' || /pipefail/.test(`${shell ?? ''} ${text}`) || /PIPESTATUS/.test(text)
}

function piped({ text, offset }: Line): Hidden[] {
  const at = text.search(/\|\s*tee\b/)
  const isTalk = /^\s*(?:echo|printf|cat)\b/.test(text)
  if (at < 0 || isTalk) return []
  const fix =
    'set "shell: bash", which looks at every part of a pipe, or begin with: set -o pipefail'
  return [{ offset: offset + at, what: 'only the end of the pipe to tee counts', fix }]
}
