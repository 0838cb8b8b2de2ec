import type { VariableRule } from '../../core/project.ts'

/** What is wrong with a value, or null. Reads on after the name; the value is never part of it. */
export function valueProblem(
  rule: VariableRule,
  value: string,
  isProduction: boolean,
): string | null {
  if (value.length < rule.min_length) return `is shorter than ${rule.min_length} characters`
  if (rule.forbidden.includes(value)) return 'still has a default value'
  if (rule.must_be !== 'any') return switchProblem(value, rule.must_be)
  switch (rule.format) {
    case 'text':
      return null
    case 'integer':
      return /^-?\d+$/.test(value) ? null : 'is not a whole number'
    case 'url':
      return URL.canParse(value) ? null : 'is not a URL'
    case 'boolean':
      return meaningOf(value) === null ? 'is neither on nor off' : null
    case 'origins':
      return originsProblem(value, allowsAny(rule, isProduction))
  }
}

const words = { on: ['true', '1', 'on', 'yes'], off: ['false', '0', 'off', 'no'] }

function meaningOf(value: string): 'on' | 'off' | null {
  const word = value.trim().toLowerCase()
  if (words.on.includes(word)) return 'on'
  return words.off.includes(word) ? 'off' : null
}

function switchProblem(value: string, wanted: 'on' | 'off'): string | null {
  if (meaningOf(value) === wanted) return null
  return `must be ${wanted} here (${words[wanted].join(', ')})`
}

function allowsAny({ wildcard }: VariableRule, isProduction: boolean): boolean {
  return wildcard === 'auto' ? !isProduction : wildcard === 'allowed'
}

/** A comma-separated list, as settings for CORS are written. */
function originsProblem(value: string, mayBeAny: boolean): string | null {
  const origins = value.split(',').map((origin) => origin.trim())
  if (!mayBeAny && origins.some(isAny)) return 'lets every origin in (*): name the origins'
  const isFine = origins.every((origin) => isAny(origin) || isOrigin(origin))
  return isFine ? null : 'is not a list of origins: scheme and host each, no path'
}

function isAny(origin: string): boolean {
  return /^(?:https?:\/\/)?\*(?::\d+)?$/.test(origin)
}

/** Also with `*.` before the domain, as many servers take it. */
function isOrigin(text: string): boolean {
  const plain = text.replace('://*.', '://any.')
  const url = URL.parse(plain)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return !plain.slice(url.protocol.length + 2).includes('/') && url.username === ''
}

const secretName =
  /SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|SALT$|(?:^|_)PASS$|(?<!PUBLIC_)(?:API|PRIVATE|SIGNING|ENCRYPTION|SESSION|ACCESS|MASTER|SECRET)_?KEY/i

/** Whether people give such names to what nobody else should know. */
export function looksSecret(name: string): boolean {
  return secretName.test(name)
}

// As they stand in samples and tutorials, without signs between the words.
const defaults = new Set(
  'changeme changethis changeit replaceme secret mysecret supersecret secretkey password passwd pass password1 password123 mypassword admin administrator root user guest default example sample test testing dev development insecure placeholder todo none null letmein qwerty 123456 12345678 123456789 1234567890 postgres mysql redis rabbitmq minio minioadmin yoursecret yoursecretkey yourpassword yourapikey yourtoken'.split(
    ' ',
  ),
)

/** Whether a secret is one that everybody knows, or carries such a password in its URL. */
export function isWellKnown(name: string, value: string): boolean {
  const password = URL.parse(value)?.password ?? ''
  if (password !== '' && isDefault(password)) return true
  return looksSecret(name) && isDefault(value)
}

function isDefault(value: string): boolean {
  const plain = value.toLowerCase().replaceAll(/[\s_.!<>{}[\]-]/g, '')
  return defaults.has(plain) || plain.startsWith('djangoinsecure') || plain.startsWith('changeme')
}
