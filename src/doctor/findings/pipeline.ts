import { toFailure } from '../../core/failure.ts'
import type { Environment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import { fail, note, ok, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'
import { existingPart, statOf, writable } from '../places.ts'
import { programFindings } from './programs.ts'

/** Whether a deployment would find what it needs on this machine. */
export async function pipelineFindings(patient: Patient): Promise<Finding[]> {
  const { project } = patient.call
  const found = await Promise.all([
    repository(patient),
    ...(project.pipeline === 'local' ? project.environments.map(target) : []),
    programFindings(patient),
  ])
  return [...kind(patient), ...found.flat(), ...tests(patient)]
}

function kind({ call: { project } }: Patient): Finding[] {
  if (project.pipeline !== null) return []
  const message = 'no pipeline is configured: gonogo validates and observes, and deploys nothing'
  return [
    note('pipeline', message, 'add pipeline: local or github to gonogo.yaml (docs/pipelines.md)'),
  ]
}

async function repository({ call: { source, project } }: Patient): Promise<Finding[]> {
  try {
    const branch = await source.defaultBranch()
    const { sha } = await source.resolve(branch)
    const where = `${project.repository}: ${oneLine(branch, 80)} is at ${sha.slice(0, 12)}`
    return [ok('repository', where)]
  } catch (error) {
    const { message, hint } = toFailure(error)
    return [fail('repository', oneLine(message, 300), oneLine(hint, 300))]
  }
}

async function target({ name, local }: Environment): Promise<Finding[]> {
  if (local === null) {
    const message = `${name} has no local section: nothing can be deployed there`
    const fix = `add environments.${name}.local.directory to gonogo.yaml`
    return [fail('pipeline_target', message, fix)]
  }
  const { directory } = local
  const found = await statOf(directory)
  if (found && !found.isDirectory()) {
    const message = `${name} is to go to ${directory}, which is no directory`
    return [fail('pipeline_target', message, `ls -ld ${directory}`)]
  }
  const part = await existingPart(directory)
  if (!(await writable(part))) {
    const message = `${name} is to go to ${directory}, and this user may not write to ${part}`
    return [fail('pipeline_target', message, `sudo install -d -o "$(id -un)" ${directory}`)]
  }
  const state = found ? 'can be written' : 'will be made by the first deployment'
  return [ok('pipeline_target', `${name} goes to ${directory}, which ${state}`)]
}

/** A check that is required and has nothing to run never passes. */
function tests({ call: { project, commitRecords } }: Patient): Finding[] {
  const wanting = project.environments.filter(({ checks }) => checks.tests_passed === 'required')
  if (project.tests.length > 0 || commitRecords || wanting.length === 0) return []
  const names = wanting.map(({ name }) => name).join(', ')
  const message = `tests_passed is required for ${names} and no tests are configured: nothing is ever valid`
  return [fail('tests', message, 'add tests to gonogo.yaml, or set checks.tests_passed: off')]
}
