import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createVariables } from '../../../src/adapters/variables/variables.ts'
import { Failure } from '../../../src/core/failure.ts'
import type { Environment } from '../../../src/core/project.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gonogo-variables-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function environment(parts: Partial<Pick<Environment, 'env' | 'env_file' | 'pass_env'>>) {
  return {
    name: 'staging',
    env: {},
    env_file: null,
    pass_env: [],
    ...parts,
  } as unknown as Environment
}

/** What a file with this text holds. */
function read(text: string): Promise<Record<string, string>> {
  const file = join(directory, 'some.env')
  writeFileSync(file, text)
  return createVariables({ env: {} }).of(environment({ env_file: file }))
}

describe('variables', () => {
  it('come from literals, then the file, then this process, and from nowhere else', async () => {
    const file = join(directory, 'some.env')
    writeFileSync(file, 'B=file\nC=file\n')
    const variables = createVariables({ env: { C: 'process', D: '', OTHER: 'no', E: undefined } })
    const parts = {
      env: { A: 'literal', B: 'literal', C: 'literal' },
      env_file: file,
      pass_env: ['C', 'D', 'E', 'ABSENT'],
    }
    expect(await variables.of(environment(parts))).toEqual({
      A: 'literal',
      B: 'file',
      C: 'process',
      D: '',
    })
  })

  it('follow the file from one call to the next', async () => {
    expect(await read('A=1')).toEqual({ A: '1' })
    expect(await read('A=2')).toEqual({ A: '2' })
  })

  it.each([
    ['A=plain value  ', 'plain value'],
    ['export A=x', 'x'],
    ['  A = x', 'x'],
    ['A=', ''],
    ['A="  kept  "', '  kept  '],
    ["A='it''s # literal\\n' # comment", "it''s # literal\\n"],
    ['A="two\\nlines" # a "comment"', 'two\nlines'],
    ['A=x#y # comment', 'x#y'],
    ['A=# comment', ''],
    ['A=a=b==', 'a=b=='],
    ['A=$HOME ${HOME} $(id) `id`', '$HOME ${HOME} $(id) `id`'],
    ['\uFEFF# first\r\n\r\nA=x\r\n', 'x'],
    ['A=old\nA=new', 'new'],
  ])('are read from %j', async (text, value) => {
    expect(await read(text)).toEqual({ A: value })
  })

  it.each([
    ['A=1\nhunter2-alone\n', 'line 2 is not KEY=VALUE'],
    ['1A=hunter2', 'line 1 is not KEY=VALUE'],
    ['\n\nA="hunter2', 'line 3 has a quote that is not closed'],
    ["A='hunter2' more", 'line 1 has a quote that is not closed'],
  ])('are refused in %j without repeating it', async (text, reason) => {
    const error = await read(text).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Failure)
    const { code, message, hint } = error as Failure
    expect(code).toBe('invalid_configuration')
    expect(message).toBe(`environments.staging.env_file: ${join(directory, 'some.env')} ${reason}`)
    expect(message + hint).not.toContain('hunter2')
  })

  it('name a file that cannot be read', async () => {
    const variables = createVariables({ env: {} })
    const missing = join(directory, 'missing.env')
    await expect(variables.of(environment({ env_file: missing }))).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: `environments.staging.env_file: ${missing} cannot be read (ENOENT)`,
    })
    await expect(variables.of(environment({ env_file: directory }))).rejects.toMatchObject({
      message: `environments.staging.env_file: ${directory} cannot be read (EISDIR)`,
    })
  })
})
