import type { Trigger } from './contexts.ts'
import { matchesPatterns } from './glob.ts'
import { valueOf, type Workflow, type WorkflowEvent } from './model.ts'
import { readTexts } from './read-parts.ts'

/** Whether an event starts a workflow. Null: that depends on what is not known here. */
export interface Start {
  starts: boolean | null
  /** Why not, or why it is unknown. */
  reason: string | null
}

export function startOf(workflow: Workflow, trigger: Trigger): Start {
  const event = workflow.events.find(({ name }) => name === trigger.event)
  if (!event) {
    const names = workflow.events.map(({ name }) => name).join(', ') || 'nothing'
    return no(`it does not run for ${trigger.event}, only for ${names}`)
  }
  if (trigger.event === 'push') return pushStart(event, trigger)
  const open = filtersOf(event).filter((name) => looksAtMore.test(name))
  if (open.length === 0) return { starts: true, reason: null }
  return { starts: null, reason: `that depends on its filter ${open.join(', ')}` }
}

/** What they compare with is not known here. */
const looksAtMore =
  /^(?:types|branches|branches-ignore|tags|tags-ignore|paths|paths-ignore|workflows|names|versions)$/

function pushStart(event: WorkflowEvent, { ref }: Trigger): Start {
  const filters = filtersOf(event)
  const tag = ref.startsWith('refs/tags/')
  const kind = tag ? 'tags' : 'branches'
  const name = ref.replace(/^refs\/(?:heads|tags)\//, '')
  const takes = (key: string) => filters.includes(key)
  const other = tag ? 'branches' : 'tags'
  const named = takes(kind) || takes(`${kind}-ignore`)
  // A filter for branches alone leaves out all tags, and the other way round.
  if (!named && (takes(other) || takes(`${other}-ignore`)))
    return no(`a push of ${name} does not start it: it filters by ${other} only`)
  if (takes(kind) && !matchesPatterns(name, patternsOf(event, kind)))
    return no(`a push of ${name} does not start it: no pattern of its ${kind} matches`)
  if (takes(`${kind}-ignore`) && matchesPatterns(name, patternsOf(event, `${kind}-ignore`)))
    return no(`a push of ${name} does not start it: ${kind}-ignore leaves it out`)
  const paths = filters.filter((key) => key === 'paths' || key === 'paths-ignore')
  if (paths.length === 0 || tag) return { starts: true, reason: null }
  return { starts: null, reason: 'that depends on the files of the push: it filters by paths' }
}

function no(reason: string): Start {
  return { starts: false, reason }
}

function filtersOf({ config }: WorkflowEvent): string[] {
  return config?.entries.map(({ key }) => key.text) ?? []
}

function patternsOf({ config }: WorkflowEvent, key: string): string[] {
  return readTexts(valueOf(config?.entries ?? [], key)).map(({ text }) => text)
}
