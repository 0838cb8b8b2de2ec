/** What the URL of a step begins with when a variable says where it leads. */
const variablePrefix = /^\{\{\s*env\.[A-Za-z_]\w*\s*\}\}(?=$|[/?#])/

/** An absolute URL whose host is written out, or one that a variable begins. */
export function isStepUrl(text: string): boolean {
  if (/[\s\\]/.test(text.replaceAll(/\{\{[^{}]*\}\}/g, ''))) return false
  return variablePrefix.test(text) || hostOf(text) !== null
}

/** `host:port` of a URL whose host is written out; null when it is not one. */
export function hostOf(text: string): string | null {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.host === '') return null
  // A captured value must not decide where a request goes.
  if (url.username !== '' || url.password !== '' || url.host.includes('{')) return null
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}
