/** Whether a path stays below where it is put and out of git's own directory. Git refuses others, too. */
export function isPortablePath(path: string): boolean {
  const parts = path.split('/')
  return !path.includes('\0') && parts.every((part) => !forbidden.test(part))
}

const forbidden = /^(?:\.{0,2}|\.git)$/i
