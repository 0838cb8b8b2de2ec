import { oneLine } from '../../core/text.ts'
import { fail, ok, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { versionText } from './versions.ts'

const locks = ['package-lock.json', 'npm-shrinkwrap.json']
const fix = 'install Node.js with npm, then: npm --version'

/** npm is wanted where a lock file is to be scanned, and nowhere else. */
export async function npmFindings(patient: Patient): Promise<Finding[]> {
  if (!(await hasLock(patient))) return []
  const version = await versionText(patient, ['npm', '--version'])
  return version === null
    ? [fail('npm_version', 'npm is not on PATH: the lock file cannot be scanned', fix)]
    : [ok('npm_version', `npm ${oneLine(version, 40)}`)]
}

/** An unreadable repository is a finding of its own. */
async function hasLock({ call: { source } }: Patient): Promise<boolean> {
  try {
    const { sha } = await source.resolve(await source.defaultBranch())
    const found = await Promise.all(locks.map((path) => source.readFile(sha, path)))
    return found.some((content) => content !== null)
  } catch {
    return false
  }
}
