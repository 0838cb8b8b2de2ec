import type { DeclaredInput } from './model.ts'
import { known, nothing, partial, unknown, type Partial, type Value } from './value.ts'

/** What starts a workflow, as far as it is known. */
export interface Trigger {
  event: string
  /** Full ref. */
  ref: string
  /** `owner/name`; empty when unknown. */
  repository: string
  defaultBranch: string
  actor: string | null
  /** As they are sent. */
  inputs: Readonly<Record<string, string>>
  /** Absent: unknown. */
  variables?: Readonly<Record<string, string>>
}

/** The context `github` of a run that starts now. What only the run will know is unknown. */
export function githubContext(trigger: Trigger, declared: readonly DeclaredInput[]): Partial {
  const { event, ref, repository, actor } = trigger
  const tag = ref.startsWith('refs/tags/')
  const who = actor === null ? unknown('github.actor') : known(actor)
  const { head_ref, base_ref } = refsOf(event)
  return partial(
    {
      event_name: known(event),
      event: eventPayload(trigger, declared),
      ref: known(ref),
      ref_name: known(ref.replace(/^refs\/(?:heads|tags)\//, '')),
      ref_type: known(tag ? 'tag' : 'branch'),
      ...(repository !== '' && {
        repository: known(repository),
        repository_owner: known(repository.split('/')[0] ?? ''),
      }),
      actor: who,
      triggering_actor: who,
      run_attempt: known('1'),
      head_ref,
      base_ref,
    },
    unknown('github'),
  )
}

/** Both are empty but for pull requests. */
function refsOf(event: string): { head_ref: Value; base_ref: Value } {
  if (!event.startsWith('pull_request')) return { head_ref: known(''), base_ref: known('') }
  return { head_ref: unknown('github.head_ref'), base_ref: unknown('github.base_ref') }
}

function eventPayload(trigger: Trigger, declared: readonly DeclaredInput[]): Value {
  const { event, ref, repository, defaultBranch, actor } = trigger
  const [owner = '', name = ''] = repository.split('/')
  const common = {
    repository: partial(
      {
        default_branch: known(defaultBranch),
        ...(repository !== '' && {
          name: known(name),
          full_name: known(repository),
          owner: partial({ login: known(owner) }, unknown('github.event.repository.owner')),
        }),
      },
      unknown('github.event.repository'),
    ),
    sender: partial(actor === null ? {} : { login: known(actor) }, unknown('github.event.sender')),
  }
  // What a dispatch tells is this and no more: `github.event.pull_request` is null then.
  if (event === 'workflow_dispatch') {
    const inputs = known(dispatchTexts(declared, trigger.inputs))
    const open = ['organization', 'enterprise', 'workflow', 'installation'].map(
      (key) => [key, unknown(`github.event.${key}`)] as const,
    )
    return partial({ ...Object.fromEntries(open), ...common, inputs, ref: known(ref) })
  }
  return partial({ ...common, ref: known(ref) }, unknown('github.event'))
}

/** The context `inputs` of a dispatch: as the event has them, but with their types. */
export function dispatchInputs(
  declared: readonly DeclaredInput[],
  given: Readonly<Record<string, string>>,
): Partial {
  const texts = dispatchTexts(declared, given)
  const values = declared.map((input) => [input.name, typed(input, texts[input.name]!)] as const)
  return partial(Object.fromEntries(values))
}

function typed({ type }: DeclaredInput, text: string): Value {
  if (type === 'boolean') return known(text === 'true')
  if (type !== 'number') return known(text)
  return text === '' ? nothing : known(Number(text))
}

/** The inputs of the event, each a text: what is sent, the defaults, and what GitHub makes of the rest. */
function dispatchTexts(
  declared: readonly DeclaredInput[],
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const sent = new Map(Object.entries(given).map(([name, text]) => [name.toLowerCase(), text]))
  const texts = declared.map((input) => {
    const rest = input.type === 'boolean' ? false : ''
    const text = sent.get(input.name.toLowerCase()) ?? String(input.default ?? rest)
    return [input.name, text] as const
  })
  return Object.fromEntries(texts)
}

/** The context `vars`; without knowing any, each is unknown. */
export function variablesContext(variables: Trigger['variables']): Value {
  return variables === undefined ? unknown('vars') : known({ ...variables })
}
