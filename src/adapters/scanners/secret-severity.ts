import type { Severity } from '../../core/finding.ts'

/** What is known about a possible secret. */
export interface SecretHit {
  /** Short rule name, such as `aws`. */
  rule: string
  /** Which of the rule's messages it is, such as `AWSSecretAccessKey`. */
  messageId: string
  path: string
  value: string
}

const credentialUrl =
  /^[a-z][a-z0-9+:.-]*:\/\/(?<user>[^:/?#\s]*):(?<password>[^@/\s]*)@(?<host>[^/?#\s]*)/i

const template = /\$\{|\{\{|\$\(|%[A-Z_]+%|<[^>]*>|\*{3}/

const exampleToken = /example|changeme|placeholder|your[_-]|x{8}/i

const examplePassword =
  /^(?:example|change[_-]?me|placeholder|password|passwd|secret|dev|test|your[_-].*|x+|\.+)$/i

const localHost =
  /^(?:localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0|(?:.+\.)?example(?:\.\w+)?|.+\.(?:test|invalid|localhost))$/i

const examplePath =
  /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|__fixtures__|mocks?|__mocks__|e2e|docs?|examples?|samples?)\/|\.(?:test|spec)\.[^/]+$|[._-](?:example|sample|template)(?:\.[^/]+)?$|\.(?:md|mdx|rst|adoc)$/i

const stepDown: Record<Severity, Severity> = {
  critical: 'high',
  high: 'medium',
  medium: 'low',
  low: 'info',
  info: 'info',
}

/**
 * How bad a hit is.
 *
 * - private keys, cloud and provider tokens: critical; a provider's test-mode keys: medium
 * - credentials in a URL (basic auth, databases): high
 * - one step lower in tests, documentation and examples, and for a host only its own network can
 *   name (no dot, as in a compose file)
 * - info when the value itself is a placeholder (a template, an example, the user name again) or its
 *   host is this machine or a reserved example name; the line around it is never consulted, because
 *   a word in a comment would then hide a real secret
 */
export function secretSeverity(hit: SecretHit): Severity {
  if (hit.rule === 'privatekey' || hit.rule === 'gcp') return lowered('critical', hit.path)
  const url = credentialUrl.exec(hit.value)?.groups
  if (url) return urlSeverity(url as Record<UrlPart, string>, hit.path)
  if (template.test(hit.value) || exampleToken.test(hit.value)) return 'info'
  return lowered(hit.messageId.endsWith('_TEST') ? 'medium' : 'critical', hit.path)
}

type UrlPart = 'user' | 'password' | 'host'

function urlSeverity({ user, password, host }: Record<UrlPart, string>, path: string): Severity {
  const name = host.replace(/:\d+$/, '')
  if (user === password || localHost.test(name)) return 'info'
  if (template.test(password) || examplePassword.test(password)) return 'info'
  return lowered(name.includes('.') ? 'high' : 'medium', path)
}

function lowered(severity: Severity, path: string): Severity {
  return examplePath.test(path) ? stepDown[severity] : severity
}
