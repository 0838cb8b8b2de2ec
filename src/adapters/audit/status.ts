import { existsSync, statSync } from 'node:fs'
import { noteKeyText } from '../../core/signed-note.ts'
import type { AuditStatus, OutsidePlace } from '../../ports/audit-log.ts'
import type { AnchorDeps } from './anchors.ts'
import { withState } from './head.ts'
import { keysIn, publicFile } from './key.ts'
import { outcomesOf } from './outside.ts'
import { segmentsOf } from './segments.ts'
import { streamName } from './streams.ts'

/** Where the log is and how it is kept, without reading it. */
export async function statusOf(deps: AnchorDeps): Promise<AuditStatus> {
  const { path, policy, runtime } = deps
  const earlier = segmentsOf(path).map((segment) => segment.path)
  const { head, sealed } = await withState(deps, (state) => state)
  const key = keysIn(runtime.crypto, publicFile(policy.key_file)).at(-1)
  const files = [...earlier, path].filter((file) => existsSync(file))
  const streams = await outcomesOf(deps, 'stream')
  return {
    path,
    lines: head?.seq ?? 0,
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
    earlier,
    checkpoint: sealed && sealed.size > 0 ? { ...sealed } : null,
    key_file: policy.key_file,
    public_key: key ? noteKeyText(key) : null,
    anchors: await outcomesOf(deps, 'anchor'),
    streams: policy.streams.map((stream) => {
      const place = streamName(stream)
      return streams.find((one) => one.place === place) ?? untried(place)
    }),
  }
}

function untried(place: string): OutsidePlace {
  return { place, at: null, size: null, problem: null }
}
