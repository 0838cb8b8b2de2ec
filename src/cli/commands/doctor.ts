import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { environmentVariables } from '../../config/environment-variables.ts'
import { configSchemaText, schemaFileName } from '../../config/json-schema.ts'
import { overridesFor } from '../../config/overrides.ts'
import { toFailure } from '../../core/failure.ts'
import { drill, notExercised } from '../../doctor/drill/drill.ts'
import { examine } from '../../doctor/examine.ts'
import {
  lookingOnly,
  sharedLooks,
  type Admission,
  type Machine,
  type Patient,
} from '../../doctor/patient.ts'
import type { Call, Context } from '../../ports/context.ts'
import { exits, type ExitCode } from '../exit.ts'
import { counted, renderDrill, renderFindings } from '../render/doctor.ts'
import type { CommonOptions } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Surface } from '../surface.ts'
import { columnsOf } from '../terminal.ts'

export interface DoctorOptions extends CommonOptions {
  drill?: boolean
  offline?: boolean
}

/** Says what is well, what is not and what mends it. Changes nothing. */
export async function runDoctor(surface: Surface, options: DoctorOptions): Promise<ExitCode> {
  const { version, env, interrupted } = surface
  const root = process.geteuid?.() === 0
  const variables = Object.keys(environmentVariables)
  const machine = { version, env, variables, root, processes: await surface.processes() }
  const { admission, close } = await admitted(surface, options, machine)
  try {
    const findings = await examine(machine, admission)
    interrupted.throwIfAborted()
    const counts = counted(findings)
    const healthy = counts.fail === 0
    if (options.json) printJson(surface, { healthy, counts, findings })
    else printLines(surface, renderFindings(findings, paletteFor(surface.out), widthOf(surface)))
    return healthy ? exits.done : exits.failed
  } finally {
    await close()
  }
}

/** Walks the way to production as dry runs, and says of each step whether it was done. */
export async function runDrill(surface: Surface, options: DoctorOptions): Promise<ExitCode> {
  const context = await surface.connect(connection(options))
  try {
    const steps = await drill({
      call: callOf(surface, context, 'drill'),
      processes: await surface.processes(),
      env: surface.env,
      command: surface.command,
      directory: directoryOf(surface, options, context),
    })
    surface.interrupted.throwIfAborted()
    const passed = steps.every((step) => step.done)
    const told = { passed, steps, not_exercised: notExercised }
    if (options.json) printJson(surface, told)
    else printLines(surface, renderDrill(told, paletteFor(surface.out), widthOf(surface)))
    return passed ? exits.done : exits.failed
  } finally {
    await context.store.close()
  }
}

/** A project that cannot be opened is a finding; what needs none is looked at all the same. */
async function admitted(
  surface: Surface,
  options: DoctorOptions,
  machine: Machine,
): Promise<{ admission: Admission; close: () => Promise<void> }> {
  try {
    const context = await surface.connect({ ...connection(options), readOnly: true })
    const patient = patientOf(surface, options, machine, context)
    return { admission: { patient }, close: () => context.store.close() }
  } catch (error) {
    return { admission: { patient: null, problem: toFailure(error) }, close: async () => undefined }
  }
}

function patientOf(
  { env, cwd, ...surface }: Surface,
  { offline = false }: DoctorOptions,
  machine: Machine,
  context: Context,
): Patient {
  const call = lookingOnly(callOf({ env, cwd, ...surface }, context, 'doctor'))
  const { config_file, environments } = context.project
  const sections = Object.fromEntries(environments.map(({ name }) => [name, {}]))
  const overrides = overridesFor({ environments: sections }, env, cwd).map(
    ({ variable, path }) => ({ variable, key: path.join('.') }),
  )
  const schema = config_file && {
    file: join(dirname(config_file), schemaFileName),
    text: configSchemaText(),
  }
  return { ...machine, ...sharedLooks(call), call, overrides, schema: schema || null, offline }
}

function callOf({ interrupted }: Surface, context: Context, name: string): Call {
  return {
    ...context,
    principal: { kind: 'automation', name },
    requestId: `req_${randomUUID()}`,
    waitMs: Infinity,
    signal: interrupted,
    progress: () => undefined,
  }
}

function connection({ project }: DoctorOptions): { directory?: string } {
  return project === undefined ? {} : { directory: project }
}

/** Where the drill's server is to look for the project, whatever directory it is started in. */
function directoryOf(
  { cwd }: Surface,
  { project }: DoctorOptions,
  { project: { config_file } }: Context,
): string {
  return config_file === null ? (project ?? cwd) : dirname(config_file)
}

function printJson({ out }: Surface, data: Record<string, unknown>): void {
  out.write(`${JSON.stringify({ schema_version: 1, ...data }, null, 2)}\n`)
}

function printLines({ out }: Surface, lines: readonly string[]): void {
  out.write(`${lines.join('\n')}\n`)
}

const widest = 100

/** Longer lines are hard to read; a pipe gets them whole. */
function widthOf({ out }: Surface): number {
  const columns = columnsOf(out)
  return columns === Infinity ? columns : Math.min(columns, widest)
}
