import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { compareVersions, leastSqlite } from '../../core/versions.ts'
import { fail, ok, type Finding, type FindingId } from '../finding.ts'
import type { Machine } from '../patient.ts'

const leastNode = '24'
/** The first with `rev-parse --path-format`. */
const leastGit = '2.31'
/** The first whose ssh-keygen signs and verifies (`-Y`). */
const leastOpenSsh = '8.1'

/** What this gonogo runs on, and the programs it cannot do without. */
export async function versionFindings(machine: Machine): Promise<Finding[]> {
  const { node, sqlite = '0' } = process.versions
  return [
    ok('gonogo_version', `gonogo ${machine.version}`),
    judged('node_version', 'Node.js', node, leastNode, nodeFix),
    judged('sqlite_version', 'SQLite (of Node.js)', sqlite, leastSqlite, nodeFix),
    ...(await Promise.all([gitFinding(machine), openSshFinding(machine)])),
  ]
}

const nodeFix = 'install the latest Node.js 24, then: node --version'
const gitFix = 'install git from its package (apt-get install git), then: git --version'
const sshFix =
  'install OpenSSH: apt-get install openssh-client (macOS: brew install openssh), then: ssh -V'

async function gitFinding(machine: Machine): Promise<Finding> {
  const text = await versionText(machine, ['git', '--version'])
  if (text === null) return fail('git_version', 'git is not on PATH: no commit can be read', gitFix)
  const [version = '0'] = /\d+(?:\.\d+)+/.exec(text) ?? []
  return judged('git_version', 'git', version, leastGit, gitFix)
}

/** ssh-keygen does not tell its version; ssh comes with it and does. */
async function openSshFinding(machine: Machine): Promise<Finding> {
  const [keygen, text] = await Promise.all([
    versionText(machine, ['ssh-keygen', '-Y', 'sign']),
    versionText(machine, ['ssh', '-V']),
  ])
  if (keygen === null)
    return fail('openssh_version', 'ssh-keygen is not on PATH: nobody can approve', sshFix)
  const [, version] = /OpenSSH_(?:for_Windows_)?(\d+\.\d+)/.exec(text ?? '') ?? []
  if (version === undefined)
    return ok('openssh_version', 'ssh-keygen is there; without ssh its version is not known')
  return judged('openssh_version', 'OpenSSH (ssh-keygen)', version, leastOpenSsh, sshFix)
}

function judged(id: FindingId, name: string, version: string, least: string, fix: string): Finding {
  const shown = oneLine(version, 40)
  if (compareVersions(version, least) >= 0) return ok(id, `${name} ${shown}`)
  return fail(id, `${name} ${shown} is too old: ${least} or later is needed`, fix)
}

/** What a program says of itself; null when it cannot be started. */
export async function versionText(
  { processes }: Pick<Machine, 'processes'>,
  argv: readonly string[],
): Promise<string | null> {
  try {
    const { stdout, stderr } = await processes.run(argv, { timeoutMs: 5_000, maxBytes: 4096 })
    return Buffer.concat([stdout, stderr]).toString()
  } catch (error) {
    if (error instanceof Failure && error.code === 'missing_program') return null
    throw error
  }
}
