import { relativeTime } from '../../core/moment.ts'
import { paletteFor, type Palette } from '../style.ts'
import { columnsOf } from '../terminal.ts'

/** What lines are written on: its colours, its width, and how its reader wants moments told. */
export interface Page {
  palette: Palette
  /** Cells a line may take; Infinity where it is not for a terminal. */
  width: number
  /** `3 min ago`, or the exact time for readers who want that. */
  when: (moment: string) => string
}

export function pageFor(
  stream: NodeJS.WriteStream,
  { exactTimes, now }: { exactTimes?: boolean | undefined; now: number },
): Page {
  return {
    palette: paletteFor(stream),
    width: columnsOf(stream),
    when: (moment) => (exactTimes ? moment : relativeTime(Date.parse(moment), now)),
  }
}
