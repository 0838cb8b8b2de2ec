import { ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

const fix = 'let them belong to root, gonogo run as another user: docs/security.md'

/** Which of the files that decide what a signature is worth this user can change. */
export async function policyInReach({ call, root }: Patient): Promise<Finding[]> {
  if (root) return [asRoot()]
  const { config_file } = call.project
  const program = await call.programFiles()
  const config = config_file === null ? [] : [config_file]
  const near = new Set(await call.approvers.withinReach([...program, ...config]))
  if (near.size === 0) {
    const message = 'this user can change neither the configuration, nor the signers, nor gonogo'
    return [ok('policy_in_reach', message)]
  }
  const reachable = program.filter((file) => near.has(file))
  const parts = [
    ...config.filter((file) => near.has(file)),
    ...(near.has(call.approvers.path) ? [`${call.approvers.path} (the signers)`] : []),
    ...(reachable.length === 0 ? [] : [programText(reachable)]),
  ]
  const message = `this user can change what a signature is worth: ${parts.join('; ')}`
  return [warn('policy_in_reach', message, fix)]
}

function programText(files: readonly string[]): string {
  const [first = ''] = files.toSorted((left, right) => left.length - right.length)
  return files.length === 1 ? first : `${files.length} files of gonogo itself, such as ${first}`
}

function asRoot(): Finding {
  const message =
    'gonogo runs as root, which can change every file: no approval reaches more than L0'
  return warn('policy_in_reach', message, 'run gonogo as another user: docs/security.md')
}
