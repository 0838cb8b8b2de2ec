import { readInputs } from './read-inputs.ts'
import { readJob } from './read-job.ts'
import { readConcurrency, readDefaults, readEntries, readPermissions } from './read-parts.ts'
import { readYaml, type YamlProblem } from './read-yaml.ts'
import {
  textOf,
  valueOf,
  type Mapping,
  type Node,
  type Workflow,
  type WorkflowEvent,
} from './model.ts'

/** A workflow, or what is left of one that is no YAML. */
export interface ReadWorkflow extends Workflow {
  problems: YamlProblem[]
}

/**
 * The file as a workflow, without a judgement: what is not understood is left out, and `root` still has
 * it. What GitHub says about it is asked in `syntax.ts`.
 */
export function readWorkflow(file: string, source: string): ReadWorkflow {
  const { root, problems } = readYaml(source)
  const { entries } = root
  const events = readEvents(valueOf(entries, 'on'))
  return {
    file,
    source,
    root,
    problems,
    name: textOf(entries, 'name'),
    runName: textOf(entries, 'run-name'),
    events,
    inputs: inputsOf(events, 'workflow_dispatch'),
    callInputs: inputsOf(events, 'workflow_call'),
    permissions: readPermissions(valueOf(entries, 'permissions')),
    concurrency: readConcurrency(valueOf(entries, 'concurrency')),
    defaults: readDefaults(valueOf(entries, 'defaults')),
    env: readEntries(valueOf(entries, 'env')),
    jobs: readEntries(valueOf(entries, 'jobs')).flatMap(({ key, value }) =>
      value.kind === 'mapping' ? [readJob(key, value)] : [],
    ),
  }
}

function readEvents(on: Node | null): WorkflowEvent[] {
  if (on === null) return []
  if (on.kind === 'text') return on.text === '' ? [] : [event(on, null)]
  if (on.kind === 'list')
    return on.items.flatMap((item) => (item.kind === 'text' ? [event(item, null)] : []))
  return on.entries.map(({ key, value }) => event(key, value.kind === 'mapping' ? value : null))
}

function event(
  { text, line, column }: { text: string; line: number; column: number },
  config: Mapping | null,
): WorkflowEvent {
  return { name: text, line, column, config }
}

function inputsOf(events: readonly WorkflowEvent[], name: string) {
  const config = events.find((candidate) => candidate.name === name)?.config
  return config ? readInputs(valueOf(config.entries, 'inputs')) : []
}
