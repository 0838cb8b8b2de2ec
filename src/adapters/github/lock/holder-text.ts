import { canonicalJson } from '../../../core/canonical.ts'
import { oneLine } from '../../../core/text.ts'
import type { PlatformHolder } from '../../../ports/pipeline.ts'

const format = 'gonogo-lock-v1'

/** The message of the commit that says who has an environment: for people, and for us. */
export function holderText(holder: PlatformHolder): string {
  const { environment, id, holder: who, reason, since } = holder
  const facts = { format, environment, id, holder: who, reason, since }
  return `${environment} is held by ${oneLine(who, 100)} (${id})\n\n${canonicalJson(facts)}\n`
}

/** Who it says has it. Whoever may write refs can write anything: what cannot be read is held, too. */
export function holderIn(environment: string, sha: string, message: string): PlatformHolder {
  const facts = factsIn(message)
  const text = (name: string) => {
    const value = facts?.[name]
    return typeof value === 'string' ? oneLine(value, 300) : null
  }
  const since = facts?.['since']
  return {
    environment,
    id: text('id') ?? sha,
    holder: text('holder') ?? 'somebody gonogo does not know',
    reason: text('reason') ?? 'the ref does not say',
    since: typeof since === 'number' && Number.isSafeInteger(since) ? since : 0,
  }
}

function factsIn(message: string): Record<string, unknown> | null {
  const last = message.trimEnd().split('\n').at(-1) ?? ''
  try {
    const value = JSON.parse(last) as Record<string, unknown> | null
    return value?.['format'] === format ? value : null
  } catch {
    return null
  }
}
