import { oneLine } from '../../core/text.ts'

const words: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before the answer ended',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no connection',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up now',
  EPROTO: 'it does not speak HTTPS',
}

/** Why a request failed, in words; error texts of other kinds pass through on one line. */
export function networkProblem({ code = '', message }: NodeJS.ErrnoException): string {
  if (code.startsWith('HPE_')) return 'the answer is not HTTP'
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return `its certificate is not accepted: ${oneLine(message)}`
  }
  return words[code] ?? oneLine(message || code || 'the request failed')
}
