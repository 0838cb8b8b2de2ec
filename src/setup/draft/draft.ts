import { placeOf, type Facts } from '../survey/facts.ts'
import type { Decisions } from './decide.ts'
import { environmentLines } from './environments.ts'
import { alsoFound } from './also-found.ts'
import { smokeLines } from './smoke.ts'
import { testLines } from './tests.ts'
import { comment, guess, scalar } from './text.ts'

/** The text of gonogo.yaml. It is valid whatever the facts are; every guess says what it rests on. */
export function draftConfig(facts: Facts, decisions: Decisions): string {
  const sections = [
    head(),
    projectLines(facts, decisions),
    pipelineLines(facts, decisions),
    approvalLines(),
    testLines(decisions.tests),
    smokeLines(decisions),
    ['environments:', ...environmentLines(decisions, facts)],
    alsoFound(facts),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function head(): string[] {
  return [
    '# yaml-language-server: $schema=gonogo.schema.json',
    '# Written by gonogo init. A comment that begins with "guess:" says what the value rests on:',
    '# look at it, then remove the comment. What a key means: gonogo config explain KEY.',
    '# Secrets do not belong into this file: use env_file or pass_env.',
  ]
}

function projectLines(facts: Facts, { project, branch }: Decisions): string[] {
  const from = project.sure ? 'the name of the remote repository' : 'the name of the directory'
  const lines = [`project: ${scalar(project.value)} ${guess(null, from)}`]
  if (facts.toRoot !== '.') lines.push(`repository: ${scalar(facts.toRoot)}`)
  if (branch === null) {
    return [
      ...lines,
      '# default_branch: main # no branch was found; releases must be reachable from it',
    ]
  }
  const reason = branch.sure ? "the remote's HEAD" : 'the branch that is checked out'
  return [...lines, `default_branch: ${scalar(branch.value)} ${guess(null, reason)}`]
}

function pipelineLines(facts: Facts, decisions: Decisions): string[] {
  const { pipeline } = decisions
  if (pipeline === 'github') return [...workflowsFound(facts), ...githubLines(decisions)]
  if (pipeline === 'local') {
    return [
      '# Deploys to the machine gonogo runs on: docs/pipelines.md.',
      ...workflowsFound(facts),
      'pipeline: local',
    ]
  }
  return [
    '# No pipeline: gonogo validates, scans, smoke-tests and observes, and deploys nothing.',
    ...workflowsFound(facts),
    '# Through GitHub Actions: gonogo init --pipeline github --overwrite',
    '# To this machine: gonogo init --pipeline local --overwrite',
    '# pipeline: github',
  ]
}

function workflowsFound({ deploys }: Facts): string[] {
  if (deploys.length === 0) return ['# No workflow that deploys was found.']
  const found = deploys.map(({ workflow, evidence, triggers, kind }) =>
    comment(
      `- ${placeOf({ ...evidence, line: null })} ${kind} ("${workflow}", on ${triggers.join(', ')})`,
    ),
  )
  return ['# Workflows that were found:', ...found]
}

/** The repository and the token are not here: the remote says the one, GITHUB_TOKEN the other. */
function githubLines({ workflow }: Decisions): string[] {
  const path = workflow?.path ?? ''
  const why =
    workflow?.kind === 'existing'
      ? guess({ path, line: null }, '')
      : '# the one that comes with gonogo'
  return [
    '# Deploys by starting a workflow of GitHub Actions: docs/github.md.',
    'pipeline: github',
    'github:',
    `  workflow: ${scalar(path.replace(/^.*\//, ''))} ${why}`,
    '  # Where the token comes from; without it: the variable GITHUB_TOKEN.',
    '  # token_command: [gh, auth, token]',
  ]
}

function approvalLines(): string[] {
  return [
    'approvals:',
    '  # Only signatures of level L1, and no static tokens. L1 wants a passphrase or a touch, and this',
    '  # file, the list of approvers and gonogo out of reach of the user it runs as: docs/security.md.',
    '  # Where you are that user, nothing reaches L1. To try it there: mode: standard, which takes L0.',
    '  # gonogo doctor says what is reached here. Approvers: gonogo approver add NAME --key FILE',
    '  mode: strict',
  ]
}
