// @ts-check

/** @typedef {{ status: number, body?: unknown }} Answer */

const bodyLimit = 16 * 1024

export class HttpError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Record<string, unknown>>}
 */
export async function readJson(request) {
  const body = parse(await readBody(request))
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpError(400, 'the body must be a JSON object')
  }
  return /** @type {Record<string, unknown>} */ (body)
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Answer} answer
 */
export function send(response, { status, body }) {
  /** @type {Record<string, string>} */
  const headers = { 'cache-control': 'no-store' }
  if (status === 401) headers['www-authenticate'] = 'Bearer'
  if (body === undefined) {
    response.writeHead(status, headers).end()
    return
  }
  headers['content-type'] = 'application/json'
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`)
}

/** @param {import('node:http').IncomingMessage} request */
async function readBody(request) {
  /** @type {Buffer[]} */
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    // Read on without keeping: hanging up now would reset the connection before the answer arrives.
    if (size <= bodyLimit) chunks.push(chunk)
  }
  if (size > bodyLimit) throw new HttpError(413, `the body must have at most ${bodyLimit} bytes`)
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * @param {string} text
 * @returns {unknown}
 */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError(400, 'the body must be JSON')
  }
}
