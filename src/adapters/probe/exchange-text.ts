import { STATUS_CODES } from 'node:http'
import type { SmokeExchange } from '../../ports/probe.ts'
import { usualHeaders, type HttpAnswer, type HttpRequest } from './exchange.ts'

/** Both halves of an exchange as text. The runner masks the secrets it knows and cuts the rest. */
export function exchangeText(request: HttpRequest, answer: HttpAnswer): SmokeExchange {
  const { method, url, headers, body = '' } = request
  const search = withoutSecretFields(url.search)
  const asked = `${method} ${url.pathname}${search} HTTP/1.1`
  return {
    request: message(asked, { host: url.host, ...usualHeaders, ...headers }, body),
    answer: answer.reached
      ? message(
          `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trim(),
          answer.headers,
          answer.body,
        )
      : answer.problem,
  }
}

const secretName = /auth|cookie|token|secret|passw|session|credential|signature|api[-_]?key/i

function message(
  first: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join(', ') : value
    return `${name}: ${secretName.test(name) ? '***' : withoutSecretFields(text ?? '')}`
  })
  return [first, ...lines, ...(body === '' ? [] : ['', withoutSecretFields(body)])].join('\n')
}

/** Values of fields whose names say that they are secret, known or not. */
function withoutSecretFields(body: string): string {
  return body
    .replace(
      /"((?:[^"\\]|\\.){1,100})"(\s*:\s*)(?:"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*)/gi,
      (whole, name: string, colon) =>
        secretName.test(name) ? `"${name}"${String(colon)}"***"` : whole,
    )
    .replace(/(^|[&\s?;#])([\w.-]{1,100})=[^&\s]*/g, (whole, before: string, name: string) =>
      secretName.test(name) ? `${before}${name}=***` : whole,
    )
}
