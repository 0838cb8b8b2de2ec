import { approvalNamespace, type KeyProtection } from '../../core/approval.ts'
import { trustNamespace } from '../../core/policy-trust.ts'
import type { Approver } from '../../ports/signer.ts'
import { fingerprintOf, keyTypePattern, parsePublicKey } from './public-key.ts'

// ssh-keygen reads principals as patterns, so a name with * ? ! or a comma would match other names.
const plainName = /^[A-Za-z0-9][\w.@+-]{0,127}$/

const signerLine = new RegExp(
  String.raw`^(\S+)\s+(?:((?:[^\s"]|"[^"]*")+)\s+)?(${keyTypePattern}\s+[A-Za-z0-9+/=]+)(?:\s+(.*))?$`,
)

const bothNamespaces = `namespaces="${approvalNamespace},${trustNamespace}"`

/** Whether a name is safe as an identity in the list. */
export function isPlainName(name: string): boolean {
  return plainName.test(name)
}

/**
 * The approver a line stands for. Null for everything that does not count: comments, certificate
 * authorities, patterns instead of a name, keys for other namespaces, and what cannot be read.
 */
export function parseSigner(line: string): Approver | null {
  const [, name = '', options = '', key = '', comment = ''] = signerLine.exec(line.trim()) ?? []
  const public_key = parsePublicKey(key)
  if (!isPlainName(name) || !public_key || !allows(options)) return null
  const fingerprint = fingerprintOf(public_key)
  const limits = options === '' || options === bothNamespaces ? {} : { limits: options }
  return { name, public_key, fingerprint, protection: protectionIn(comment), ...limits }
}

/** The line of a new approver. */
export function signerText({ name, public_key, protection }: Approver): string {
  return `${name} ${bothNamespaces} ${public_key} protection=${protection}`
}

/** Without a list of namespaces a key may sign anything; in a list only the exact name counts. */
function allows(options: string): boolean {
  if (/(?:^|,)cert-authority(?:,|$)/i.test(options)) return false
  const [, namespaces] = /(?:^|,)namespaces="([^"]*)"/i.exec(options) ?? []
  return namespaces === undefined || namespaces.split(',').includes(approvalNamespace)
}

/** What nobody stated is taken for the weakest. */
function protectionIn(comment: string): KeyProtection {
  const [, protection] = /(?:^|\s)protection=(passphrase|hardware)(?:\s|$)/.exec(comment) ?? []
  return (protection as KeyProtection | undefined) ?? 'none'
}
