import { auditText, parseAuditLine, type AuditEvent, type AuditLine } from '../../core/audit.ts'
import { hasShape } from '../../core/audit-shape.ts'
import { grow, leafHash } from '../../core/merkle.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { unavailable } from './errors.ts'
import { lineBytes, withOpenLog, writeLines, type OpenLog } from './file.ts'
import type { State } from './head.ts'
import type { End } from './read.ts'
import { findEnd, repairEvent, rotationEvent } from './repair.ts'
import { segmentsOf, setSegmentAside } from './segments.ts'
import { lastLinesOf } from './tail.ts'

/** How far back a line that must not be written twice is looked for. */
const lookBack = 200

/** What somebody wants to see in the log. */
export interface Wish {
  event: AuditEvent
  /** Recognises the line if it is there already. */
  isIt?: ((line: AuditLine) => boolean) | undefined
}

/** What became of one wish: its line, or why there is none. */
export type Answer = { line: AuditLine } | { error: unknown }

export interface BatchDeps {
  path: string
  runtime: Runtime
  /** Bytes at which the log goes on in a new file; null: never. */
  rotateBytes: number | null
}

export interface Written {
  end: End
  answers: Answer[]
  /** The new lines as they are in the log, repairs included. */
  texts: string[]
}

/** Writes lines for all wishes at once, under the lock: one write, one fdatasync. */
export function writeBatch(deps: BatchDeps, state: State, wishes: readonly Wish[]): Written {
  const { path, runtime, rotateBytes } = deps
  const { end, repairs } = withOpenLog(path, (log) => findEnd(log, state, runtime))
  // A file that is full stays as it is until there is another line.
  const full = rotateBytes !== null && wishes.length > 0 && end.offset >= rotateBytes
  const start = full ? putAside(path, end) : end
  const requestId = wishes[0]?.event.request_id ?? ''
  const opening = rotationEvent(requestId, path, start, runtime)
  const own = [
    ...(opening ? [opening] : []),
    ...repairs.map((details) => repairEvent(requestId, details)),
  ]
  return withOpenLog(path, (log) => {
    const page = newPage(log, start, runtime)
    for (const event of own) page.add(event)
    const answers = wishes.map((wish) => answer(path, page, wish))
    if (page.bytes.length > 0) writeLines(log, start.offset, page.bytes)
    return { end: page.end(), answers, texts: page.texts }
  })
}

function putAside(path: string, end: End): End {
  setSegmentAside(path, end.seq)
  return { ...end, offset: 0 }
}

type Page = ReturnType<typeof newPage>

/** Lines that are chained and not yet written. */
function newPage(log: OpenLog, start: End, runtime: Runtime) {
  const { sha256 } = runtime.crypto
  let end = start
  const bytes: Buffer[] = []
  const texts: string[] = []
  const lines: AuditLine[] = []
  return {
    bytes,
    texts,
    lines,
    end: () => end,
    add(event: AuditEvent): AuditLine {
      const timestamp = new Date(runtime.now()).toISOString()
      const line = { ...event, seq: end.seq + 1, prev: end.hash, timestamp }
      const text = auditText(line)
      const own = lineBytes(log.path, text)
      const leaf = leafHash(sha256, own.subarray(0, -1))
      const tree = grow(sha256, end.tree, leaf)
      end = { seq: line.seq, hash: runtime.sha256(text), offset: end.offset + own.length, tree }
      bytes.push(own)
      texts.push(text)
      lines.push(line)
      return line
    },
  }
}

/** What one line cannot hold is refused alone; the lines beside it have nothing to do with it. */
function answer(path: string, page: Page, { event, isIt }: Wish): Answer {
  try {
    const known = isIt && (page.lines.findLast(isIt) ?? newestLines(path, lookBack).findLast(isIt))
    return { line: known ?? page.add(event) }
  } catch (error) {
    return { error: unavailable(path, error) }
  }
}

/** The newest lines, oldest first; from earlier files, too, where the newest one has too few. */
export function newestLines(path: string, limit: number): AuditLine[] {
  let texts = lastLinesOf(path, limit)
  for (const { path: earlier } of segmentsOf(path).toReversed()) {
    if (texts.length >= limit) break
    texts = [...lastLinesOf(earlier, limit - texts.length), ...texts]
  }
  // What somebody wrote by hand need not have the fields of a line.
  return texts.flatMap((text) => parseAuditLine(text) ?? []).filter(hasShape)
}
