import { createHash } from 'node:crypto'
import { explainKey, segmentsOf, typeable } from '../../config/explain.ts'
import { loadWithOrigins, type LoadedProject } from '../../config/load.ts'
import { policyText } from '../../config/policy.ts'
import { pathText } from '../../config/problems.ts'
import { effectiveLeaves, sourceText, type Leaf } from '../../config/provenance.ts'
import { yamlLines } from '../../config/show-yaml.ts'
import { shownValue } from '../../config/shown-value.ts'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import { exits, type ExitCode } from '../exit.ts'
import type { CommonOptions } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Surface } from '../surface.ts'
import { pad } from '../width.ts'

/** Shows the effective configuration: each value, and where it came from. */
export async function runConfigShow(
  surface: Surface,
  options: CommonOptions,
  key?: string,
): Promise<ExitCode> {
  const loaded = await loadWithOrigins({
    env: surface.env,
    cwd: surface.cwd,
    ...(options.project && { directory: options.project }),
  })
  const all = effectiveLeaves(loaded.project, loaded.origins)
  const leaves = key === undefined ? all : leavesAt(key, all, loaded)
  if (options.json) {
    const values = Object.fromEntries(leaves.map((leaf) => [pathText(leaf.path), jsonOf(leaf)]))
    const data = { schema_version: 1, values, ...(key === undefined && factsOf(loaded)) }
    surface.out.write(`${JSON.stringify(data, null, 2)}\n`)
    return exits.done
  }
  const lines = [
    ...yamlOf(leaves, surface),
    ...(key === undefined ? factLines(loaded, surface) : []),
  ]
  surface.out.write(`${lines.join('\n')}\n`)
  return exits.done
}

/** The values at or below a key; the nearest one above it when there is nothing further down. */
function leavesAt(key: string, leaves: readonly Leaf[], { project }: LoadedProject): Leaf[] {
  const wanted = segmentsOf(key).join('.')
  const below = leaves.filter(({ path }) => isAtOrBelow(wanted, path.join('.')))
  if (below.length > 0) return below
  const names = project.environments.map(({ name }) => name)
  const known = explainKey(key, names)
  const above = leaves.filter(({ path }) => isAtOrBelow(path.join('.'), wanted))
  if (above.length > 0) return above
  throw new Failure({
    code: 'invalid_input',
    message: `${oneLine(key, 100)} is not set`,
    hint: `gonogo config explain ${typeable(known.key)}`,
  })
}

function isAtOrBelow(outer: string, inner: string): boolean {
  return `${inner}.`.startsWith(`${outer}.`)
}

function jsonOf({ path, value, source }: Leaf) {
  return { ...shownValue(path, value), source }
}

// Wide enough for most values; a comment behind a longer one stands where it ends.
const commentColumn = 48

function yamlOf(leaves: readonly Leaf[], { out }: Surface): string[] {
  const { faint } = paletteFor(out)
  const shown = leaves.map(({ path, value, source, absence }) => {
    const what = shownValue(path, value)
    const comment = oneLine(sourceText(source) + (absence === '' ? '' : `: ${absence}`), 200)
    return { path, value: 'redacted' in what ? what.redacted : what.value, comment }
  })
  return yamlLines(shown).map(({ text, comment }) =>
    comment === '' ? text : `${pad(text, commentColumn)}  ${faint(`# ${comment}`)}`,
  )
}

/** What belongs to the effective configuration and has no key in the file. */
function factsOf({ project, secrets }: LoadedProject) {
  return {
    policy_hash: sha256(policyText(project)),
    config_file: project.config_file,
    state_directory: project.state_directory,
    audit_log: project.audit_log,
    signers_file: project.approvals.signers_file,
    variables: {
      GITHUB_REPOSITORY: project.github_repository,
      GITHUB_TOKEN: secrets.github_token === null ? null : fingerprint(secrets.github_token),
      DEPLOYMENT_ADMIN_TOKENS: secrets.admin_tokens.map(({ label }) => label),
    },
  }
}

function factLines(loaded: LoadedProject, { out }: Surface): string[] {
  const facts = factsOf(loaded)
  const { mode } = loaded.project.approvals
  const { faint } = paletteFor(out)
  const { GITHUB_REPOSITORY, GITHUB_TOKEN, DEPLOYMENT_ADMIN_TOKENS } = facts.variables
  const rows = [
    ['policy', facts.policy_hash],
    ['file', facts.config_file ?? 'none: environment variables only'],
    ['state directory', facts.state_directory],
    ['audit log', facts.audit_log],
    ['signers file', facts.signers_file],
    ['GITHUB_REPOSITORY', GITHUB_REPOSITORY ?? 'unset'],
    ['GITHUB_TOKEN', GITHUB_TOKEN === null ? 'unset' : `set, ${GITHUB_TOKEN}`],
    ['DEPLOYMENT_ADMIN_TOKENS', tokensText(DEPLOYMENT_ADMIN_TOKENS, mode)],
  ] as const
  return ['', ...rows.map(([name, text]) => faint(`# ${pad(name, 24)}${oneLine(text, 1_000)}`))]
}

function tokensText(tokens: readonly string[], mode: string): string {
  if (tokens.length === 0) return 'unset'
  const effect = mode === 'strict' ? 'refused by approvals.mode: strict' : 'approve as level L0'
  return `${tokens.length} set, ${effect}: ${tokens.join(', ')}`
}

/** How the audit log names a token, too. */
function fingerprint(secret: string): string {
  return `sha256:${sha256(secret).slice(0, 12)}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
