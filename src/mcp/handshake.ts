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
  params?: { protocolVersion?: unknown; capabilities?: unknown; clientInfo?: unknown }
}

/**
 * The answer to a plain `initialize`, which is known before the SDK is loaded: loading it is most of
 * what a start costs (docs/decisions/009). Null for everything else, well-formed or not: the SDK
 * decides about that, and about this message too, once it is there.
 */
export function answerHandshake(line: string, version: string): Handshake | null {
  const { jsonrpc, id, method, params } = parse(line)
  if (jsonrpc !== '2.0' || method !== 'initialize') return null
  if (typeof id !== 'string' && !Number.isInteger(id)) return null
  const protocolVersion = revisions.find((known) => known === params?.protocolVersion)
  if (protocolVersion === undefined || !isNamed(params?.clientInfo)) return null
  if (!isPlain(params?.capabilities)) return null
  const serverInfo = { name: 'gonogo', title: 'gonogo', version }
  const result = { protocolVersion, capabilities: { tools: {} }, serverInfo, instructions }
  const answer = { result, jsonrpc: '2.0', id }
  return { id: id as string | number, text: `${JSON.stringify(answer)}\n` }
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

function isNamed(value: unknown): boolean {
  return isPlain(value) && typeof value.name === 'string' && typeof value.version === 'string'
}
