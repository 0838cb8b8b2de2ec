import { PassThrough } from 'node:stream'
import { runCli } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import type { AnyJson } from './any-json.ts'

/** What a command line answers that needs no project: help, and what was typed wrong. */
export interface Typed {
  exitCode: number
  stdout: string
  stderr: string
  json(): AnyJson
}

/** Runs a command line in this process, without anything behind it. */
export async function typed(...args: string[]): Promise<Typed> {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const interrupted = new AbortController().signal
  const surface = { version: '1.0.0', env: {}, out, err, interrupted } as unknown as Surface
  const exitCode = await runCli(args, surface)
  const [stdout, stderr] = [String(out.read() ?? ''), String(err.read() ?? '')]
  return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) }
}
