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

const certificateWords: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate comes from an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the certificate comes from an authority that is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
}

/** Why a request failed, in words; error texts of other kinds pass through on one line. */
export function networkProblem(error: Partial<NodeJS.ErrnoException>): string {
  const { code = '', message = '' } = error
  if (code.startsWith('HPE_') && !(code in words)) return 'the answer is not HTTP'
  const known = words[code] ?? certificateWords[code]
  return known ?? oneLine(message || code || 'the request failed')
}

/** Whether a connection failed because of the certificate that was shown. */
export function isCertificateProblem(code: string | undefined): boolean {
  return code !== undefined && code in certificateWords
}
