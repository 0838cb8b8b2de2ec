/** GitHub does not tell upper from lower case in names of environments and people. */
export function sameName(left: string | null, right: string | null): boolean {
  return left?.toLowerCase() === right?.toLowerCase()
}
