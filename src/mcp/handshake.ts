import { instructions } from './instructions.ts'

/** Revisions whose handshake is `initialize`, as the SDK negotiates them (a test compares). */
const revisions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07']

/** The answer to a first message, and the id that it answers. */
export interface Handshake {
  id: string | number
  text: string
}

interface Opening {
  jsonrpc?: unknown
  id?: unknown
  method?: unknown
  params?: unknown
}

/**
 * The answer to a plain `initialize`, which is known before the SDK is loaded: loading it is most of
 * what a start costs (docs/decisions/009). Null for everything else, well-formed or not: the SDK
 * decides about that, and about this message too, once it is there.
 */
export function answerHandshake(line: string, version: string): Handshake | null {
  const { jsonrpc, id, method, params, ...more } = parse(line)
  if (jsonrpc !== '2.0' || method !== 'initialize' || !isEmpty(more)) return null
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return null
  const protocolVersion = revisionOf(params)
  if (protocolVersion === undefined) return null
  const serverInfo = { name: 'gonogo', title: 'gonogo', version }
  const result = { protocolVersion, capabilities: { tools: {} }, serverInfo, instructions }
  const answer = { result, jsonrpc: '2.0', id }
  return { id: id as string | number, text: `${JSON.stringify(answer)}\n` }
}

/**
 * The revision of plain parameters. `_meta` is not plain: with it a client may open in the way of a
 * later revision, and be refused.
 */
function revisionOf(params: unknown): string | undefined {
  if (!isPlain(params)) return undefined
  const { protocolVersion, capabilities, clientInfo, ...more } = params
  if (!isEmpty(more) || !isNamed(clientInfo)) return undefined
  if (!isPlain(capabilities) || !Object.values(capabilities).every(isPlain)) return undefined
  return revisions.find((known) => known === protocolVersion)
}

/** The id of an answer the SDK wrote, and whether it is a refusal; null for other messages. */
export function answerOf(text: string): { id: unknown; refused: boolean } | null {
  const message = parse(text) as { id?: unknown; result?: unknown; error?: unknown }
  if (message.result === undefined && message.error === undefined) return null
  return { id: message.id, refused: message.error !== undefined }
}

function parse(line: string): Opening {
  try {
    const value: unknown = JSON.parse(line)
    return isPlain(value) ? value : {}
  } catch {
    return {}
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

function isNamed(value: unknown): boolean {
  if (!isPlain(value) || !('name' in value) || !('version' in value)) return false
  return Object.values(value).every((part) => typeof part === 'string')
}
