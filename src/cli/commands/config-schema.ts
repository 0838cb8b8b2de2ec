import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { configSchemaText, schemaFileName } from '../../config/json-schema.ts'
import { locateProject } from '../../config/locate.ts'
import { Failure } from '../../core/failure.ts'
import { exits, type ExitCode } from '../exit.ts'
import type { CommonOptions } from '../session.ts'
import type { Surface } from '../surface.ts'

export interface ConfigSchemaOptions extends CommonOptions {
  write?: boolean
}

/** Prints the JSON Schema of the file, or puts it beside the file for editors. */
export async function runConfigSchema(
  surface: Surface,
  options: ConfigSchemaOptions,
): Promise<ExitCode> {
  const text = configSchemaText()
  if (!options.write) {
    const schema: unknown = JSON.parse(text)
    const data = { schema_version: 1, schema }
    surface.out.write(options.json ? `${JSON.stringify(data, null, 2)}\n` : text)
    return exits.done
  }
  const location = await locateProject(options.project, surface.env, surface.cwd)
  const file = join(location.directory, schemaFileName)
  const changed = (await textOf(file)) !== text
  if (changed) await replace(file, text)
  const data = { schema_version: 1, file, changed }
  const told = changed ? `wrote ${file}` : `${file} is up to date`
  surface.out.write(`${options.json ? JSON.stringify(data, null, 2) : told}\n`)
  if (location.file !== null && !options.quiet) await tellEditors(location.file, surface)
  return exits.done
}

/** Editors find the schema by a comment in the file; the file is the user's, so it is only told. */
async function tellEditors(configFile: string, { err }: Surface): Promise<void> {
  const text = (await textOf(configFile)) ?? ''
  if (/^#\s*yaml-language-server:\s*\$schema=/m.test(text)) return
  err.write(`next: make this the first line of ${configFile}, for editors:\n`)
  err.write(`# yaml-language-server: $schema=${schemaFileName}\n`)
}

function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

/** Whoever reads the file meanwhile sees the old text or the new one, never a part. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw new Failure({
      code: 'invalid_input',
      message: `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      hint: `print it and save it yourself: gonogo config schema > ${schemaFileName}`,
      cause: error,
    })
  }
}
