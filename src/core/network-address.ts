/**
 * Why nothing may be asked of an address, whoever configured it; null: it may. Link-local addresses
 * are where clouds hand out the credentials of a machine; the others are nobody in particular. An
 * IPv4 address inside an IPv6 one is judged as what it leads to.
 */
export function addressProblem(ip: string): string | null {
  const bytes = ip.includes(':') ? bytesOfV6(ip) : bytesOfV4(ip)
  if (bytes === null) return 'is not an IP address'
  if (bytes.length === 4) return problemOfV4(bytes)
  const inner = embeddedV4(bytes)
  return inner === null ? problemOfV6(bytes) : problemOfV4(inner)
}

/** Whether a host of a URL, or an address, is this machine; also where IPv6 carries the IPv4 address. */
export function isLoopback(hostname: string): boolean {
  const ip = withoutBrackets(hostname)
  if (ip === 'localhost') return true
  const bytes = ip.includes(':') ? bytesOfV6(ip) : bytesOfV4(ip)
  if (bytes === null) return false
  if (bytes.length === 4) return bytes[0] === 127
  return isMapped(bytes) ? bytes[12] === 127 : isZero(bytes.slice(0, 15)) && bytes[15] === 1
}

/** An IPv6 address as a URL writes it, as an address. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

const metadata = 'is an address of a cloud metadata service'

/** Metadata services that are not link-local: of Azure, Oracle, Alibaba; IPv6 of Google. */
const metadataV4 = new Set(['168.63.129.16', '192.0.0.192', '100.100.100.200'])
const metadataV6 = bytesOfV6('fd20:ce::254')?.join('.')

function problemOfV4(bytes: readonly number[]): string | null {
  const [first = 0, second = 0] = bytes
  const text = bytes.join('.')
  if (text === '169.254.169.254' || metadataV4.has(text)) return metadata
  if (first === 169 && second === 254) return 'is link-local'
  if (first === 0) return 'is unspecified'
  if (first >= 240) return 'is reserved'
  return first >= 224 ? 'is multicast' : null
}

function problemOfV6(bytes: readonly number[]): string | null {
  const [first = 0, second = 0] = bytes
  // AWS hands out credentials at several addresses of fd00:ec2::/32.
  if (bytes.slice(0, 4).join('.') === '253.0.14.194') return metadata
  if (bytes.join('.') === metadataV6) return metadata
  if (first === 0xfe && (second & 0xc0) === 0x80) return 'is link-local'
  if (first === 0xff) return 'is multicast'
  return bytes.every((byte) => byte === 0) ? 'is unspecified' : null
}

/** The IPv4 address that a mapped, compatible, NAT64 or 6to4 address stands for. */
function embeddedV4(bytes: readonly number[]): readonly number[] | null {
  const [first, second, third, fourth] = bytes
  if (first === 0x20 && second === 0x02) return bytes.slice(2, 6)
  const isNat64 = first === 0 && second === 0x64 && third === 0xff && fourth === 0x9b
  if (isNat64 && isZero(bytes.slice(4, 12))) return bytes.slice(12)
  // `::` and `::1` are IPv6 addresses of their own.
  const isCompatible = isZero(bytes.slice(0, 12)) && !isZero(bytes.slice(12, 14))
  return isMapped(bytes) || isCompatible ? bytes.slice(12) : null
}

function isMapped(bytes: readonly number[]): boolean {
  return isZero(bytes.slice(0, 10)) && bytes[10] === 0xff && bytes[11] === 0xff
}

function isZero(bytes: readonly number[]): boolean {
  return bytes.every((byte) => byte === 0)
}

function bytesOfV4(text: string): number[] | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part))) return null
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte < 256) ? bytes : null
}

function bytesOfV6(text: string): number[] | null {
  // What follows the percent sign names an interface of this machine.
  const [address = ''] = text.split('%')
  const halves = address.split('::')
  if (halves.length > 2) return null
  const [head, tail] = [bytesOfGroups(halves[0] ?? ''), bytesOfGroups(halves[1] ?? '')]
  if (head === null || tail === null) return null
  const missing = 16 - head.length - tail.length
  const fits = halves.length === 2 ? missing >= 2 : missing === 0
  return fits ? [...head, ...Array<number>(missing).fill(0), ...tail] : null
}

function bytesOfGroups(text: string): number[] | null {
  if (text === '') return []
  const groups = text.split(':')
  const bytes = groups.map((group, index) => {
    if (index === groups.length - 1 && group.includes('.')) return bytesOfV4(group)
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
  return bytes.includes(null) ? null : bytes.flatMap((pair) => pair ?? [])
}
