import type { HttpStep } from '../../core/smoke.ts'
import type { HttpRequest } from './exchange.ts'
import { addCredentials, type Mask } from './mask.ts'
import { fillDeep, fillText, type Values } from './template.ts'

/** What says what is sent. */
type Asked = Pick<HttpStep, 'method' | 'path' | 'url' | 'headers' | 'body'>

/** The request of a step with its placeholders filled, or why there is none. */
export function buildRequest(
  step: Asked,
  baseUrl: string,
  values: Values,
  mask: Mask,
): HttpRequest | { problem: string } {
  const url = urlOf(step, baseUrl, values)
  if (typeof url === 'string') return { problem: url }
  const headers = filledHeaders(step, values, mask)
  if (step.body === undefined) return { method: step.method, url, headers }
  const body = JSON.stringify(fillDeep(step.body, values))
  const described = {
    'content-type': 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  }
  return { method: step.method, url, headers: described, body }
}

/** A URL, or what is wrong with it. An inserted value is data: encoded, it cannot lead anywhere else. */
function urlOf({ path, url: absolute }: Asked, baseUrl: string, values: Values): URL | string {
  const strayed = strayedIn(path ?? absolute ?? '', values)
  if (strayed !== undefined) {
    return `what is inserted into ${path ?? absolute} leads to another path: ${strayed}`
  }
  const text =
    absolute === null
      ? baseUrl.replace(/\/+$/, '') + fillText(path ?? '', values, encodeURIComponent)
      : fillAddress(absolute, values)
  const url = URL.parse(text)
  const what = absolute === null ? 'the base URL' : 'its URL'
  if (!url || !/^https?:$/.test(url.protocol)) return `${what} is not an http or https URL`
  if (url.username !== '' || url.password !== '') {
    return `${what} has a user name or password: put them into a header`
  }
  return url
}

/** Encoding does not help against these: `/notes/{{id}}` would delete all notes, or ask the parent. */
function strayedIn(template: string, values: Values): string | undefined {
  if (!template.includes('{{')) return undefined
  const [path = ''] = template.split(/[?#]/)
  const inserted = path.split('/').filter((part) => part.includes('{{'))
  const left = inserted.find((part) => /^\.{0,2}$/.test(fillText(part, values)))
  return left === undefined ? undefined : `${left} is empty or only dots`
}

/** A variable at the beginning says where it leads, and is taken as it is. */
function fillAddress(text: string, values: Values): string {
  const [first = ''] = /^\{\{\s*env\.\w+\s*\}\}/.exec(text) ?? []
  const rest = text.slice(first.length)
  const start = fillText(first, values)
  const base = rest === '' ? start : start.replace(/\/+$/, '')
  return base + fillText(rest, values, encodeURIComponent)
}

function filledHeaders(step: Asked, values: Values, mask: Mask): Record<string, string> {
  const filled = Object.entries(step.headers).map(([name, value]) => {
    const header = { name: name.toLowerCase(), value: fillText(value, values) }
    if (/^(?:proxy-)?authorization$/.test(header.name)) addCredentials(mask, header.value)
    if (header.name === 'cookie') mask.add(header.value)
    return [header.name, header.value]
  })
  return Object.fromEntries(filled) as Record<string, string>
}
