import type { Command } from 'commander'
import { candidatesFor, type Lookup } from '../completion/candidates.ts'
import { completionScript, type Shell } from '../completion/scripts.ts'
import { exits, type ExitCode } from '../exit.ts'
import type { CommonOptions } from '../session.ts'
import type { Surface } from '../surface.ts'

/** Prints the script for a shell; nothing is written anywhere. */
export async function runCompletion(
  { out, err, command }: Surface,
  { json, quiet }: CommonOptions,
  shell: Shell,
): Promise<ExitCode> {
  const script = completionScript(shell, command)
  if (json) {
    out.write(`${JSON.stringify({ schema_version: 1, shell, script }, null, 2)}\n`)
    return exits.done
  }
  out.write(script)
  // Only somebody who reads the script on a screen wants to know what to do with it.
  if (out.isTTY && !quiet) err.write('next: gonogo completion --help shows how to load this\n')
  return exits.done
}

/** Answers a shell: a value and what it means, a line each. A problem is no answer, and silent. */
export async function runComplete(
  surface: Surface,
  program: Command,
  typed: readonly string[],
): Promise<ExitCode> {
  // Most words need no project: a shell waits for the answer.
  const lookup: Lookup = async (kind, given) => {
    const { lookupIn } = await import('../completion/lookup.ts')
    return await lookupIn(surface, projectIn(typed))(kind, given)
  }
  const candidates = await candidatesFor(program, typed, lookup).catch(() => [])
  for (const { value, help } of candidates)
    surface.out.write(help === '' ? `${value}\n` : `${value}\t${help}\n`)
  return exits.done
}

function projectIn(typed: readonly string[]): string | undefined {
  const index = typed.indexOf('--project')
  return index < 0 || index + 2 >= typed.length ? undefined : typed[index + 1]
}
