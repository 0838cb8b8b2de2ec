import { oneLine } from '../../core/text.ts'
import type { SecretHit } from './secret-severity.ts'

/** A hit with what may be shown of it; only `value` is secret. */
export interface LocatedHit extends SecretHit {
  title: string
  line: number
  /** Documentation of the rule. */
  url: string | undefined
}

/** Looks for secrets in one file's text. */
export type FindSecrets = (path: string, text: string) => Promise<LocatedHit[]>

const ruleId = (name: string) => `@secretlint/secretlint-rule-${name}`

/** Loads secretlint, which is slow to load and needed by this one tool only. */
export async function loadSecretRules(): Promise<FindSecrets> {
  const [{ lintSource }, preset, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@secretlint/profiler'),
  ])
  // It keeps an entry per rule and file for ever, and a server scans for ever.
  secretLintProfiler.setEnabled(false)
  // The preset's rules one by one, because a preset cannot be told to leave one out: comments in the
  // scanned files that switch rules off would let a commit lower its own gate.
  const rules = preset.rules
    .filter((rule) => rule.meta.id !== ruleId('filter-comments'))
    .map((rule) => ({ id: rule.meta.id, rule }))
  return async (path, text) => {
    // Only `.json` means anything to a rule we want; the one for `.p12` would open the path on disk.
    const ext = path.endsWith('.json') ? '.json' : ''
    const { messages } = await lintSource({
      source: { filePath: path, content: text, contentType: 'text', ext },
      options: { config: { rules }, noPhysicFilePath: true },
    })
    return messages.map((message) => {
      const value = secretOf(message.data, text.slice(...message.range))
      return {
        rule: message.ruleId.replace(ruleId(''), ''),
        messageId: message.messageId,
        path,
        value,
        title: titleOf(message.message, value),
        line: message.loc.start.line,
        url: message.docsUrl,
      }
    })
  }
}

/** Rules hand over the secret as data, beside names; the secret is by far the longest. */
function secretOf(data: object | undefined, matched: string): string {
  const { FILE_NAME: _, ...values } = (data ?? {}) as Record<string, unknown>
  const texts = Object.values(values).filter((value) => typeof value === 'string')
  return texts.toSorted((left, right) => right.length - left.length)[0] ?? matched
}

/** Messages read "found GitHub Token(...): <secret>". */
function titleOf(message: string, value: string): string {
  const [kind = ''] = message.split(': ', 1)
  return oneLine(kind.replaceAll(value, '***'))
}
