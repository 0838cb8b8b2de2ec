/** The first SQLite whose write-ahead log loses no commits. */
export const leastSqlite = '3.51.3'

/** Below zero when `left` is the older of two dotted versions. */
export function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true })
}
