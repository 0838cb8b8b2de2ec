/** A path below a base URL; the base may have a path of its own. Absolute URLs stay as they are. */
export function below(base: string, pathOrUrl: string): string {
  return pathOrUrl.startsWith('/') ? base.replace(/\/+$/, '') + pathOrUrl : pathOrUrl
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** `host:port` with the default port spelled out, all names of this machine being one. */
export function effectivePort(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || url.host === '') return undefined
  const host = loopback.has(url.hostname) ? 'localhost' : url.hostname
  return `${host}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}
