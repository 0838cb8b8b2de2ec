import type { OpenDownload } from '../../../../src/adapters/github/archive/archive-bytes.ts'
import type { Download } from '../../../../src/adapters/github/client/github-client.ts'

export interface ServerOptions {
  /** Whether it sends parts. */
  ranges?: boolean
  /** The connection breaks after so many bytes of an answer. */
  cutAfter?: number
  pieceBytes?: number
}

/** A server of one file, as the client shows it; `asked` is what it was asked for and what it sent. */
export function serverOf(content: Uint8Array, options: ServerOptions = {}) {
  const asked: { range: string | null; bytes: number }[] = []
  const download: OpenDownload = async (range) => {
    const whole = range === undefined || options.ranges === false
    const end = whole ? content.length : Math.min(content.length, (range.last ?? Infinity) + 1)
    const part = content.subarray(whole ? 0 : range.first, end)
    const entry = { range: range ? `${range.first}-${range.last}` : null, bytes: 0 }
    asked.push(entry)
    return {
      status: whole ? 200 : 206,
      length: part.length,
      total: whole ? null : content.length,
      body: bodyOf(part, options, (bytes) => (entry.bytes += bytes)),
    } satisfies Download
  }
  return { download, asked }
}

export function bodyOf(
  content: Uint8Array,
  { cutAfter = Infinity, pieceBytes = 16 * 1024 }: ServerOptions = {},
  sent: (bytes: number) => void = () => undefined,
): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= cutAfter) return controller.error(new TypeError('terminated'))
      const end = Math.min(content.length, cutAfter, at + pieceBytes)
      if (end > at) {
        controller.enqueue(content.subarray(at, end))
        sent(end - at)
      }
      at = end
      if (at >= content.length) controller.close()
    },
  })
}
