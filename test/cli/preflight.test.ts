import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createPreflighter } from '../../src/adapters/github/workflow/preflighter.ts'
import { runCli } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { widthOf } from '../../src/cli/width.ts'
import type { AnyJson } from '../support/any-json.ts'
import { directoryOf, processes, type Files } from '../setup/survey/tree.ts'

const cd = `run-name: \${{ inputs.environment }}
on:
  workflow_dispatch:
    inputs:
      environment: { type: choice, options: [staging, production], default: staging }
permissions: {}
concurrency: \${{ inputs.environment }}
jobs:
  approval:
    runs-on: x
    steps: [{ run: ssh-keygen -Y verify -n gonogo-approval }]
  deploy:
    needs: approval
    uses: ./.github/workflows/put.yml
    with: { environment: "\${{ inputs.environment }}" }
`
const put = `on: { workflow_call: { inputs: { environment: { type: string } } } }
jobs:
  put:
    runs-on: x
    environment: \${{ inputs.environment }}
    permissions: {}
    steps: [{ run: ./deploy }]
`
const files: Files = { '.github/workflows/cd.yml': cd, '.github/workflows/put.yml': put }

interface Answer {
  exit: number
  out: string
  err: string
  json: () => AnyJson
}

async function preflight(cwd: string, args: string[] = [], columns = 0): Promise<Answer> {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface = {
    version: '0',
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, NO_COLOR: '1' },
    cwd,
    out: Object.assign(out, { isTTY: columns > 0, columns }),
    err,
    interrupted: new AbortController().signal,
    processes: async () => processes,
    preflighter: async () => createPreflighter(),
  } as unknown as Surface
  const exit = await runCli(['preflight', ...args], surface)
  const [stdout, stderr] = [out, err].map((stream) => String(stream.read() ?? ''))
  return { exit, out: stdout!, err: stderr!, json: () => JSON.parse(stdout!) }
}

describe('gonogo preflight', () => {
  it('says what a start would do, without a project', async () => {
    const { exit, out } = await preflight(directoryOf(files), [])
    expect(out.split('\n')).toEqual([
      '.github/workflows/cd.yml on workflow_dispatch',
      '  ✓ runs     approval                it needs no other job',
      '  ✓ runs     deploy / put → staging  it needs no other job',
      '',
      'It deploys staging.',
      '',
    ])
    expect(exit).toBe(0)
  })

  it('answers as one JSON object', async () => {
    const args = ['--json', '--environment', 'production', '--input', 'environment=production']
    const { exit, json } = await preflight(directoryOf(files), args)
    expect(exit).toBe(0)
    expect(json()).toEqual({
      schema_version: 1,
      file: '.github/workflows/cd.yml',
      event: 'workflow_dispatch',
      jobs: [
        { id: 'approval', runs: true, reason: 'it needs no other job', environment: null },
        {
          id: 'deploy / put',
          runs: true,
          reason: 'it needs no other job',
          environment: 'production',
        },
      ],
      findings: [],
      deploys: ['production'],
      unknown: [],
    })
  })

  it('fails when another environment is reached, and names place and fix', async () => {
    const { exit, out } = await preflight(directoryOf(files), ['--environment', 'production'])
    expect(exit).toBe(1)
    expect(out).toMatch(/^ {2}✗ error {4}5:18 {2}wrong-environment$/m)
    expect(out).toMatch(/^ {13}fix: /m)
    expect(out.trimEnd().split('\n').at(-1)).toBe(
      'It cannot be relied on to deploy production: 2 errors.',
    )
  })

  it('says unknown where it cannot know', async () => {
    const shared = cd.replace(
      './.github/workflows/put.yml',
      'acme/shared/.github/workflows/put.yml@v1',
    )
    const { exit, out } = await preflight(directoryOf({ '.github/workflows/cd.yml': shared }), [])
    expect(exit).toBe(1)
    expect(out).toContain('? unknown  deploy    it calls acme/shared/')
    expect(out).toContain('Unknown: whether it deploys any environment')
  })

  it('keeps to the width of a terminal', async () => {
    const { out } = await preflight(directoryOf(files), ['--environment', 'production'], 60)
    expect(out.split('\n').filter((line) => widthOf(line) > 60)).toEqual([])
  })

  it('asks which one when there are several, and names them', async () => {
    const two = {
      ...files,
      '.github/workflows/other.yml': cd.replace(
        'jobs:',
        "jobs:\n  x: { runs-on: x, steps: [{ run: 'true' }],\n    environment: a }",
      ),
    }
    const { exit, err } = await preflight(
      directoryOf({ ...two, '.github/workflows/cd.yml': two['.github/workflows/other.yml'] }),
    )
    expect(exit).toBe(2)
    expect(err).toContain('.github/workflows/cd.yml, .github/workflows/other.yml')
    expect(err).toContain('gonogo preflight .github/workflows/cd.yml')
  })

  it.each([
    [['nothing.yml'], /there is no workflow .*nothing\.yml/],
    [['--project', 'empty'], /there is no workflow in .*empty.*gonogo validate/s],
    [['--input', 'environment'], /NAME=VALUE/],
    [['--ref', 'a'.repeat(40)], /is a commit: GitHub starts workflows on branches and tags only/],
  ])('refuses %j', async (args, message) => {
    const { exit, err } = await preflight(directoryOf({ ...files, 'empty/note': '' }), args)
    expect(err).toMatch(message)
    expect(exit).toBe(2)
  })

  it('takes the configured workflow, and the name GitHub has for an environment', async () => {
    const directory = directoryOf({
      ...files,
      '.github/workflows/deploy.yml': cd
        .replace('production]', 'live]')
        .replace('environment: a', ''),
      'gonogo.yaml': [
        'project: clinic',
        'pipeline: github',
        'github: { repository: acme/clinic, workflow: deploy.yml }',
        'environments:',
        '  staging: { url: https://staging.acme.dev }',
        '  production: { url: https://acme.dev, github: { environment: live } }',
      ].join('\n'),
    })
    const args = ['--environment', 'production', '--input', 'environment=live', '--json']
    const { exit, err, json } = await preflight(directory, args)
    expect(err).toBe('')
    expect(json()).toMatchObject({ file: '.github/workflows/deploy.yml', deploys: ['live'] })
    expect(exit).toBe(0)
  })

  it('looks for the workflow where the releases come from, and knows the job that deploys', async () => {
    const bare = cd.replace(
      / {2}deploy:[^]*/,
      '  ship: { runs-on: x, steps: [{ run: ./deploy }] }\n',
    )
    const directory = directoryOf({
      'code/.github/workflows/cd.yml': bare,
      'gonogo.yaml': [
        'project: clinic',
        'repository: code',
        'pipeline: github',
        'github: { repository: acme/clinic }',
        'environments:',
        '  staging: { url: https://staging.acme.dev }',
        '  production: { url: https://acme.dev, github: { job: ship } }',
      ].join('\n'),
    })
    const { exit, err, json } = await preflight(directory, [
      '--environment',
      'production',
      '--json',
    ])
    expect(err).toBe('')
    expect(json()).toMatchObject({ file: '.github/workflows/cd.yml', deploys: ['production'] })
    expect(exit).toBe(0)
  })
})
