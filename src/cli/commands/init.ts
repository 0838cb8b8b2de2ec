import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readVariable } from '../../config/environment-variables.ts'
import { configSchemaText, schemaFileName } from '../../config/json-schema.ts'
import { Failure } from '../../core/failure.ts'
import { decide, type Decisions } from '../../setup/draft/decide.ts'
import { differenceOf } from '../../setup/draft/difference.ts'
import { draftConfig } from '../../setup/draft/draft.ts'
import { summarize } from '../../setup/draft/summary.ts'
import { readText, refuseLink, replaceText } from '../../setup/file.ts'
import type { Facts } from '../../setup/survey/facts.ts'
import { survey } from '../../setup/survey/survey.ts'
import type { ChosenWorkflow } from '../../setup/workflow/choose.ts'
import { ask, declined } from '../ask.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printDifference, printInit, type InitResult } from '../render/init.ts'
import type { CommonOptions } from '../session.ts'
import { isInteractive, type Surface } from '../surface.ts'
import { askForPipeline, askForUrls, offerApprover, type Registration } from './init-questions.ts'
import { planWorkflow, writeWorkflow } from './init-workflow.ts'

export interface InitOptions extends CommonOptions {
  yes?: boolean
  overwrite?: boolean
  /** Absent: `none`, or what a person answers. */
  pipeline?: 'local' | 'github' | 'none'
}

/** Reads the repository and writes a configuration that says what each guess rests on. */
export async function runInit(
  surface: Surface,
  options: InitOptions,
  argv: readonly string[],
): Promise<ExitCode> {
  const directory = await projectDirectory(surface, options)
  const file = join(directory, 'gonogo.yaml')
  const schema = join(directory, schemaFileName)
  for (const written of [file, schema]) await refuseLink(written)
  const before = await readText(file)
  const facts = await survey(directory, await surface.processes())
  const asks = !options.yes && !options.json && isInteractive(surface)
  const pipeline = await chosenPipeline(surface, options, facts, asks)
  const guessed = decide(facts, { urls: {} }, pipeline)
  const decisions = asks ? await answered(surface, guessed, facts) : guessed
  const workflow = await planWorkflow(directory, facts, decisions)
  const text = draftConfig(facts, decisions)
  if (before !== null && before !== text)
    await agreeToReplace(surface, options, { file, before, text, asks })
  const written = await write(file, before, text)
  await write(schema, await readText(schema), configSchemaText())
  if (workflow !== null) await writeWorkflow(workflow)
  const approver: Registration = asks
    ? await offerApprover(surface, { ...options, project: directory }, argv, facts.git.email)
    : { exit: exits.done, name: null }
  const { found, missing } = summarize(facts, decisions)
  const result: InitResult = {
    file,
    written,
    workflow,
    found,
    missing: approver.name === null ? [...missing, wantedApprover] : missing,
    next: nextSteps(approver.name === null, facts.git.email, decisions),
  }
  printInit(surface, options, result)
  return approver.exit
}

async function chosenPipeline(
  surface: Surface,
  { pipeline }: InitOptions,
  facts: Facts,
  asks: boolean,
): Promise<Decisions['pipeline']> {
  if (pipeline === undefined && asks) return await askForPipeline(surface, facts)
  return pipeline === undefined || pipeline === 'none' ? null : pipeline
}

async function answered(surface: Surface, guessed: Decisions, facts: Facts): Promise<Decisions> {
  const urls = await askForUrls(surface, guessed.environments)
  return decide(facts, { urls }, guessed.pipeline)
}

async function projectDirectory(surface: Surface, options: InitOptions): Promise<string> {
  const named = options.project ?? readVariable(surface.env, 'GONOGO_PROJECT') ?? '.'
  const directory = resolve(surface.cwd, named)
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    const hint = 'name an existing directory: gonogo init --project DIR'
    throw refusal(`${directory} cannot be read as a directory (${cause.code})`, hint, cause)
  })
  if (!names.includes('gonogo.yml')) return directory
  throw refusal(
    `${directory} has a gonogo.yml, and there can be only one configuration`,
    'rename it first: mv gonogo.yml gonogo.yaml, then run gonogo init again',
  )
}

function refusal(message: string, hint: string, cause?: unknown): Failure {
  return new Failure({ code: 'invalid_input', message, hint, cause })
}

const wantedApprover = {
  what: 'an approver',
  how: 'gonogo approver add NAME --key FILE: production wants a signature',
}

/** Nobody's file is replaced before they saw what changes. */
async function agreeToReplace(
  surface: Surface,
  options: InitOptions,
  change: { file: string; before: string; text: string; asks: boolean },
): Promise<void> {
  const { file, before, text, asks } = change
  const difference = differenceOf('gonogo.yaml', before, text)
  if (!options.json) printDifference(surface, difference)
  if (options.overwrite) return
  if (asks) {
    const answer = await ask(
      surface,
      `replace ${file} like this? [y/N] `,
      'gonogo init --overwrite',
    )
    if (/^y(?:es)?$/i.test(answer)) return
    throw declined('replacing gonogo.yaml')
  }
  throw new Failure({
    code: 'invalid_input',
    message: `${file} exists and would change; nothing was written`,
    hint: 'gonogo init --overwrite replaces it',
    details: { field: 'overwrite', ...(options.json && { difference }) },
  })
}

/** Whether anything had to be written. */
async function write(file: string, before: string | null, text: string): Promise<boolean> {
  if (before === text) return false
  await replaceText(file, text, { before, scope: 'project' })
  return true
}

function nextSteps(
  wantsApprover: boolean,
  email: string | null,
  { pipeline, workflow, environments }: Decisions,
): string[] {
  const name = email !== null && /^[\w.+-]+@[\w.-]+$/.test(email) ? email : 'NAME'
  const register = `gonogo approver add ${name} --key ~/.ssh/id_ed25519`
  return [
    'gonogo config show',
    ...(workflow === null ? [] : preflightStep(workflow, environments)),
    'gonogo doctor',
    ...(wantsApprover ? [register] : []),
    // Writes to production want a policy that an approver has signed.
    ...(pipeline === null ? [] : ['gonogo trust']),
    'gonogo validate staging HEAD',
    'gonogo install --client claude-code',
  ]
}

/** What a start for production would do, before anybody starts one. The one that comes along is known. */
function preflightStep({ kind, path }: ChosenWorkflow, environments: Decisions['environments']) {
  const last = environments.at(-1)
  if (kind === 'reference' || last === undefined) return []
  return [`gonogo preflight ${path} --environment ${last.name}`]
}
