import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { exits } from '../../src/cli/exit.ts'
import { runCommand, type CommonOptions, type Session } from '../../src/cli/session.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { Failure } from '../../src/core/failure.ts'
import { makeWorld } from '../support/fake-context.ts'

interface RunOptions {
  argv?: readonly string[]
  options?: CommonOptions
  interrupted?: AbortController
}

/** Runs a command on a surface without a terminal, and says what it wrote. */
async function run(
  command: (session: Session) => Promise<unknown>,
  { argv = [], options = {}, interrupted = new AbortController() }: RunOptions = {},
) {
  const { call } = makeWorld()
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface = {
    env: {},
    out,
    err,
    input: new PassThrough(),
    connect: async () => call,
    interrupted: interrupted.signal,
  } as unknown as Surface
  const exit = await runCommand({ surface, options, argv }, async (session) => {
    await command(session)
    return exits.done
  })
  return { exit, stdout: String(out.read() ?? ''), stderr: String(err.read() ?? '') }
}

const failure = new Failure({ code: 'blocked', message: 'no\u001b[31m', hint: 'run_smoke_tests' })

async function speak({ note, tell }: Session): Promise<void> {
  note('progress')
  tell('the plan')
}

const progress = async ({ call }: Session) => call.progress('tests: \u001b[2Jx')

describe('a command', () => {
  it('acts as automation where nobody is at the terminal', async () => {
    await run(async ({ call }) => expect(call.principal.kind).toBe('automation'))
  })

  it.each([
    [['deploy', 'v1'], ['--yes'], 'gonogo deploy v1 --yes'],
    [
      ['rollback', 'staging', '--reason', "it's late; rm -rf $HOME"],
      ['--yes'],
      `gonogo rollback staging --reason 'it'\\''s late; rm -rf $HOME' --yes`,
    ],
    [['deploy', ''], [], `gonogo deploy ''`],
  ])('says %j again with %j', async (argv, flags, text) => {
    await run(async ({ again }) => expect(again(...flags)).toBe(text), { argv })
  })

  it('that fails says what and what next, without control characters', async () => {
    const failed = await run(() => Promise.reject(failure))
    expect(failed).toEqual({
      exit: exits.blocked,
      stdout: '',
      stderr: 'error (blocked): no\nnext: gonogo smoke\n',
    })
  })

  it('that fails with --json writes one object to stdout and nothing to stderr', async () => {
    const { stdout, stderr } = await run(() => Promise.reject(failure), { options: { json: true } })
    expect(JSON.parse(stdout)).toMatchObject({ schema_version: 1, error: { code: 'blocked' } })
    expect(stderr).toBe('')
  })

  it('that breaks after Ctrl-C was interrupted, whatever broke', async () => {
    const interrupted = new AbortController()
    interrupted.abort()
    const { exit } = await run(() => Promise.reject(new Error('killed')), { interrupted })
    expect(exit).toBe(exits.interrupted)
  })

  it('that was interrupted tells nothing of the work that still comes to its end', async () => {
    const interrupted = new AbortController()
    interrupted.abort()
    expect((await run(progress, { interrupted })).stderr).toBe('')
  })

  it('with --quiet shows no progress, but still what a person has to read', async () => {
    expect((await run(speak)).stderr).toBe('progress\nthe plan\n')
    expect((await run(speak, { options: { quiet: true } })).stderr).toBe('the plan\n')
  })

  it('makes progress from elsewhere safe to show', async () => {
    const { stderr } = await run(progress)
    expect(stderr).toBe('… tests: x\n')
  })
})
