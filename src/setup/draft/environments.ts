import { placeOf, type Facts } from '../survey/facts.ts'
import type { DecidedEnvironment, Decisions } from './decide.ts'
import { localLines } from './local.ts'
import { asComments, comment, flow, guess, indented, scalar } from './text.ts'

/** The entries of `environments`, in order. */
export function environmentLines(decisions: Decisions, facts: Facts): string[] {
  const order = [
    '# In the order of promotion: the last one is production and wants an approval.',
    ...(facts.environments.some(({ name }) => namedOtherwise(decisions, name))
      ? [comment(`other names that workflows or platforms use: ${otherNames(decisions, facts)}`)]
      : []),
  ]
  return indented([
    ...order,
    ...decisions.environments.flatMap((environment) =>
      oneEnvironment(environment, decisions, facts),
    ),
  ])
}

function namedOtherwise({ environments }: Decisions, name: string): boolean {
  return !environments.some((environment) => environment.name === name.toLowerCase())
}

function otherNames(decisions: Decisions, facts: Facts): string {
  const others = facts.environments.filter(({ name }) => namedOtherwise(decisions, name))
  return others
    .slice(0, 6)
    .map(({ name, evidence }) => `${name} (${placeOf(evidence)})`)
    .join(', ')
}

function oneEnvironment(
  environment: DecidedEnvironment,
  decisions: Decisions,
  facts: Facts,
): string[] {
  const { name, evidence } = environment
  const active = [
    ...urlLines(environment),
    ...healthLines(environment, decisions, facts),
    ...versionLines(environment, facts),
    ...verifyLines(environment, decisions),
    ...(decisions.pipeline === 'local' ? localLines(name, facts, decisions.project.value) : []),
    ...(decisions.pipeline === 'github' ? githubLines(name, facts) : []),
  ]
  const why = guess(evidence, 'the usual pair of environments')
  return [`${scalar(name)}: ${why}`, ...indented([approvalLine(environment, decisions), ...active])]
}

/** Only where GitHub knows it by another spelling. */
function githubLines(name: string, { environments }: Facts): string[] {
  const spelt = environments.find((environment) => environment.name.toLowerCase() === name)
  if (!spelt || spelt.name === name) return []
  const why = guess(spelt.evidence, '')
  return [`github: ${flow({ environment: spelt.name })} ${why}`]
}

/** Said in so many words, so that there is a key to stand beside what is uncommented later. */
function approvalLine({ name }: DecidedEnvironment, { environments }: Decisions): string {
  return `approval: ${name === environments.at(-1)?.name ? 'required' : 'none'}`
}

function urlLines({ name, url }: DecidedEnvironment): string[] {
  if (url === null) {
    return [
      `# Where ${name} answers was not found. Without it nothing is asked of the live system:`,
      `# url: https://${name === 'production' ? 'www' : name}.example.com`,
    ]
  }
  const why = url.sure ? '' : ` ${guess(url.evidence, '')}`
  return [`url: ${scalar(url.value)}${why}`]
}

function healthLines(
  { url }: DecidedEnvironment,
  { health, doubtful }: Decisions,
  facts: Facts,
): string[] {
  const entries = health.map(
    ({ component, path, evidence }) => `  ${component}: ${scalar(path)} ${guess(evidence, '')}`,
  )
  const others = doubtful
    .slice(0, 4)
    .map(({ path, evidence, doubt }) =>
      comment(`also found: ${path} (${placeOf(evidence)}${doubt === null ? '' : `; ${doubt}`})`),
    )
  const notes = [...others, ...serviceNotes(health, facts), ...probeNotes(health, facts)]
  if (entries.length === 0) {
    return [...notes, '# No health path was found:', ...asComments(['health:', '  api: /health'])]
  }
  const lines = ['health:', ...entries]
  return [...notes, ...(url === null ? asComments(lines) : lines)]
}

function serviceNotes(health: Decisions['health'], { services }: Facts): string[] {
  const unknown = services.filter(
    ({ kind }, index) =>
      !health.some(({ component }) => component === kind) &&
      services.findIndex((other) => other.kind === kind) === index,
  )
  return unknown.map(({ kind, label, evidence }) =>
    comment(
      `${kind}: "${label}" (${placeOf(evidence)}) belongs to it; add a path when one proves its health`,
    ),
  )
}

function probeNotes(health: Decisions['health'], { probes }: Facts): string[] {
  const probe = health.length === 0 ? probes[0] : undefined
  return probe ? [comment(`a HEALTHCHECK whose path could not be read: ${placeOf(probe)}`)] : []
}

function versionLines({ url }: DecidedEnvironment, { version }: Facts): string[] {
  const found = version[0]
  const line = `# version: ${flow({ path: found?.path ?? '/version', json_path: 'commit' })}`
  const why = found
    ? comment(
        `guess: from ${placeOf(found.evidence)}. Name the key that holds the version or commit:`,
      )
    : '# How gonogo sees which release runs: a path that answers with the version or commit as JSON.'
  return [why, url === null ? `${line} # needs url` : line]
}

/** With a smoke test in the file, an environment that cannot be asked could never succeed. */
function verifyLines({ url }: DecidedEnvironment, { pipeline, environments, health }: Decisions) {
  const isSmoked =
    environments.some((other) => other.url !== null) &&
    health.some(({ component }) => component === 'api')
  if (pipeline === null || url !== null || !isSmoked) return []
  return ['verify: off # guess: until there is a url; then remove this line']
}
