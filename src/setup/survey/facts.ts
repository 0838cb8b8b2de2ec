/** Where something was read: a file of the repository and, where it says more, a line. */
export interface Evidence {
  path: string
  line: number | null
}

/** A program with its arguments that the repository itself runs. */
export interface Command {
  argv: string[]
  /** Relative to the root; `.` is the root itself. */
  directory: string
  evidence: Evidence
  kind: 'install' | 'build' | 'test'
}

/** What a workflow runs that cannot be taken over as it is. */
export interface LeftOut {
  text: string
  evidence: Evidence
  why: string
}

/** The tests of one workflow job, or of one manifest. */
export interface TestGroup {
  /** `workflow` commands are run by the repository, `manifest` ones follow from its files. */
  from: 'workflow' | 'manifest'
  label: string
  evidence: Evidence
  commands: Command[]
  leftOut: LeftOut[]
  /** Containers the job starts beside the tests. */
  services: string[]
  /** Names of the variables the job sets. */
  variables: string[]
  /** True when the job runs inside of an image that has what the tests need. */
  inContainer: boolean
}

export type Ecosystem =
  | 'javascript'
  | 'python'
  | 'ruby'
  | 'go'
  | 'rust'
  | 'java'
  | 'php'
  | 'elixir'
  | 'dotnet'

/** A package manager at work in a directory. */
export interface Stack {
  manager: string
  ecosystem: Ecosystem
  directory: string
  evidence: Evidence
  /** How it installs what is locked; null where the tools do that by themselves. */
  install: string[] | null
  build: string[] | null
}

export interface Migrations {
  framework: string
  directory: string
  evidence: Evidence
  /** How they are run, where that is the same everywhere. */
  command: string[] | null
}

export interface HealthPath {
  path: string
  component: string
  evidence: Evidence
  /** Lower is better: 0 is what a platform asks, higher is what code or habit suggests. */
  rank: number
  /** What makes it doubtful, for the comment. */
  doubt: string | null
}

export interface Deploys {
  workflow: string
  evidence: Evidence
  triggers: string[]
  kind: 'deploys' | 'builds images'
}

/** An environment that a file of the repository names. */
export interface NamedEnvironment {
  name: string
  url: string | null
  evidence: Evidence
}

/** A service of a compose file that the release needs beside itself. */
export interface Service {
  kind: 'database' | 'redis' | 'celery_worker' | 'celery_beat'
  label: string
  evidence: Evidence
}

export interface Named {
  name: string
  evidence: Evidence
}

export interface GitFacts {
  /** Null when the directory is in no repository. */
  root: string | null
  /** There is a repository, and git does not answer: it is missing, or distrusts the owner. */
  silent: boolean
  remote: { url: string; repository: string | null } | null
  branch: { name: string; sure: boolean } | null
  email: string | null
}

/** Everything that was read, as plain data. */
export interface Facts {
  directoryName: string
  /** From the project's directory up to the repository's root. */
  toRoot: string
  git: GitFacts
  stacks: Stack[]
  tests: TestGroup[]
  deploys: Deploys[]
  environments: NamedEnvironment[]
  migrations: Migrations[]
  dockerfiles: Named[]
  images: Named[]
  platforms: Named[]
  health: HealthPath[]
  /** Checks of containers whose path could not be read. */
  probes: Evidence[]
  version: { path: string; evidence: Evidence }[]
  services: Service[]
  /** Compose files that build this repository's own service. */
  compose: Named[]
  /** What the platform runs before a release, such as its migrations. */
  release: Command | null
  variables: { names: string[]; evidence: Evidence }[]
  /** What the limits kept out, in words. */
  limits: string[]
}

/** `path:12`, or the path alone. */
export function placeOf({ path, line }: Evidence): string {
  return line === null ? path : `${path}:${line}`
}
