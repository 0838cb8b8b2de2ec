import { oneLine } from '../../core/text.ts'
import { rankOf } from '../survey/deploys.ts'
import type { Evidence, Facts, HealthPath, NamedEnvironment } from '../survey/facts.ts'
import { chooseWorkflow, type ChosenWorkflow } from '../workflow/choose.ts'
import { decideTests, type DecidedTests } from './decide-tests.ts'

/** What a person said, by environment; everything else is guessed. */
export interface Answers {
  urls: Readonly<Record<string, string>>
}

export interface Decided<T> {
  value: T
  evidence: Evidence | null
  /** False for everything that should be looked at. */
  sure: boolean
}

export interface DecidedEnvironment {
  name: string
  evidence: Evidence | null
  url: Decided<string> | null
}

/** What goes into the file, before it is text. */
export interface Decisions {
  project: Decided<string>
  branch: Decided<string> | null
  environments: DecidedEnvironment[]
  /** One path for each component, and what else was found. */
  health: HealthPath[]
  doubtful: HealthPath[]
  tests: DecidedTests
  pipeline: 'local' | 'github' | null
  /** What the pipeline `github` starts; null for the others. */
  workflow: ChosenWorkflow | null
}

export function decide(
  facts: Facts,
  answers: Answers = { urls: {} },
  pipeline: Decisions['pipeline'] = null,
): Decisions {
  const { branch } = facts.git
  const sorted = facts.health.toSorted(better)
  const health = sorted.filter(isFirstOf(({ doubt }) => doubt === null))
  return {
    project: projectOf(facts),
    branch: branch && { value: branch.name, evidence: null, sure: branch.sure },
    environments: environmentsOf(facts, answers),
    health,
    doubtful: sorted.filter(
      ({ path }, index) =>
        !health.some((chosen) => chosen.path === path) &&
        sorted.findIndex((other) => other.path === path) === index,
    ),
    tests: decideTests(facts),
    pipeline,
    workflow: pipeline === 'github' ? chooseWorkflow(facts) : null,
  }
}

function better(left: HealthPath, right: HealthPath): number {
  return left.rank - right.rank || readiness(right) - readiness(left)
}

/** Whether a service can work says more about a release than whether it lives. */
function readiness({ path }: HealthPath): number {
  return /ready|readiness/.test(path) ? 1 : 0
}

function isFirstOf(wanted: (path: HealthPath) => boolean) {
  const seen = new Set<string>()
  return (path: HealthPath) => {
    if (!wanted(path) || seen.has(path.component)) return false
    seen.add(path.component)
    return true
  }
}

function projectOf({ git, directoryName }: Facts): Decided<string> {
  const remote = git.remote?.repository ?? null
  const text = remote === null ? directoryName : remote.replace(/^.*\//, '')
  const name = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return { value: name.slice(0, 64) || 'project', evidence: null, sure: remote !== null }
}

const usual = ['staging', 'production']

/** One environment for each step of the order; the workflows' own names where they fit. */
function environmentsOf(facts: Facts, answers: Answers): DecidedEnvironment[] {
  const environments: DecidedEnvironment[] = []
  for (const rank of [0, 1, 2]) {
    const named = facts.environments.filter(({ name }) => rankOf(name) === rank)
    const first = named[0]
    if (rank === 0 && !first) continue
    const name = first ? first.name.toLowerCase() : usual[rank - 1]!
    environments.push({
      name,
      evidence: first?.evidence ?? null,
      url: urlOf(name, named, answers),
    })
  }
  return withoutShared(environments)
}

function urlOf(
  name: string,
  named: readonly NamedEnvironment[],
  answers: Answers,
): DecidedEnvironment['url'] {
  const answered = usableUrl(answers.urls[name] ?? '')
  if (answered !== null) return { value: answered, evidence: null, sure: true }
  for (const { url, evidence } of named) {
    const value = usableUrl(url ?? '')
    if (value !== null && !isPlaceholder(value)) return { value, evidence, sure: false }
  }
  return null
}

/** A URL as the configuration takes it, or null. */
export function usableUrl(text: string): string | null {
  const url = URL.parse(text.trim())
  if (!url || !['http:', 'https:'].includes(url.protocol)) return null
  if (url.username !== '' || url.password !== '' || url.hostname === '') return null
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

/** Hosts that stand in templates until somebody fills them in, and this machine. */
function isPlaceholder(text: string): boolean {
  const host = URL.parse(text)?.hostname ?? ''
  return /(?:^|\.)(?:example\.(?:com|org|net)|localhost|example|test|invalid|local)$|^127\.|^\[::1\]$|your/.test(
    host,
  )
}

/** Two environments on one host and port would be one system; the later one keeps its URL. */
function withoutShared(environments: DecidedEnvironment[]): DecidedEnvironment[] {
  return environments.map((environment, index) => {
    const host = systemOf(environment.url?.value)
    const later = environments.slice(index + 1).map(({ url }) => systemOf(url?.value))
    return host !== null && later.includes(host) ? { ...environment, url: null } : environment
  })
}

/** Host and port, all names of this machine being one. */
export function systemOf(text: string | undefined): string | null {
  const url = URL.parse(text ?? '')
  if (!url) return null
  const host = ['127.0.0.1', '[::1]'].includes(url.hostname) ? 'localhost' : url.hostname
  return `${host}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}

/** A name of a step or test as the configuration takes it: one visible line, used once. */
export function uniqueName(text: string, taken: Set<string>): string {
  const base = oneLine(text.replace(/\p{C}/gu, ' '), 60).replace(/\p{C}/gu, '').trim() || 'step'
  let name = base
  for (let count = 2; taken.has(name); count++) name = `${base} (${count})`
  taken.add(name)
  return name
}
