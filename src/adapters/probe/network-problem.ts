import { oneLine } from '../../core/text.ts'

const words: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset without an answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up now',
  EPIPE: 'the connection was closed while the request was sent',
  HPE_HEADER_OVERFLOW: 'the answer has too many or too long headers',
  ERR_INVALID_CHAR: 'a header value has characters that cannot be sent',
}

/** Why a request failed, in words; error texts of other kinds pass through on one line. */
export function networkProblem(error: Partial<NodeJS.ErrnoException>): string {
  const { code = '', message = '' } = error
  if (code.startsWith('HPE_') && !(code in words)) return 'the answer is not HTTP'
  return words[code] ?? oneLine(message || code || 'the request failed')
}
