import { mkdir, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLocalPipeline } from '../../../src/adapters/local/pipeline.ts'
import { createBench, step, witnessed, type Bench } from './harness.ts'

let bench: Bench
beforeEach(async () => void (bench = await createBench()))
afterEach(() => bench[Symbol.asyncDispose]())

describe('a run that goes well', () => {
  it('prepares in the new release, switches, activates, and says which release is current', async () => {
    const request = bench.request(
      bench.environment(
        {
          prepare: [step('build', 'cp app.txt built.txt; test ! -e ../../current')],
          activate: [step('restart', 'cmp built.txt "$TARGET/current/app.txt"')],
        },
        { env: { TARGET: bench.place('target') } },
      ),
    )
    const run = await bench.finish(request)

    expect(run).toMatchObject({ state: 'succeeded', step: null, cause: null, switched: true })
    const name = `v1.0.0-${request.deployment.id.slice(-8)}`
    expect(await readlink(bench.place('target/current'))).toBe(join('releases', name))
    expect(JSON.parse(await bench.current())).toEqual({
      ...request.deployment.release,
      deployment: request.deployment.id,
    })
    expect(await bench.pipeline.current(request.environment)).toEqual(request.deployment.release)
  })

  it('tells the steps which deployment they are part of, and their variables', async () => {
    await writeFile(bench.place('env'), 'FROM_FILE=file-value\n')
    const where = bench.environment(
      { prepare: [step('show', 'env > "$WITNESS"')] },
      { env: { LITERAL: 'literal' }, env_file: bench.place('env'), pass_env: ['PASSED'] },
    )
    const request = bench.request(where)
    const pipeline = createLocalPipeline({
      ...bench.deps,
      ownEnvironment: { PASSED: 'passed-value', GITHUB_TOKEN: 'ghp_secret' },
    })
    await bench.finish(request, pipeline)

    const seen = await bench.witnesses()
    expect(seen).toEqual(
      expect.arrayContaining([
        'FROM_FILE=file-value',
        'LITERAL=literal',
        'PASSED=passed-value',
        `GONOGO_COMMIT=${request.deployment.release.sha}`,
        'GONOGO_VERSION=v1.0.0',
        'GONOGO_ENVIRONMENT=staging',
        `GONOGO_DEPLOYMENT_ID=${request.deployment.id}`,
        `PATH=${process.env['PATH']}`,
      ]),
    )
  })

  it('does not believe a commit about which release it is', async () => {
    await writeFile(bench.place('repository/.gonogo-release.json'), '{"sha":"forged"}')
    const request = bench.request(bench.environment())
    expect(await bench.finish(request)).toMatchObject({ state: 'succeeded' })
    expect(await bench.pipeline.current(request.environment)).toEqual(request.deployment.release)
  })

  it('keeps the newest releases, the current and the previous one', async () => {
    const where = bench.environment({ keep_releases: 1 })
    for (const version of ['v1', 'v2', 'v3']) {
      expect(await bench.finish(bench.request(where, version))).toMatchObject({
        state: 'succeeded',
      })
    }
    const versions = (await bench.releases()).map((name) => name.split('-')[0])
    expect(versions).toEqual(['v2', 'v3'])
  })

  it('makes a directory name of a version that is a path', async () => {
    const request = bench.request(bench.environment(), '../../release/1.0')
    await bench.finish(request)
    expect(await bench.releases()).toEqual([`-..-release-1.0-${request.deployment.id.slice(-8)}`])
    expect(await bench.pipeline.current(request.environment)).toEqual(request.deployment.release)
  })
})

describe('secrets', () => {
  it('keeps gonogo its own, and masks those of the environment in the log', async () => {
    await writeFile(bench.place('env'), 'PASSWORD=hunter2-hunter2\nSHORT=abc\n')
    const where = bench.environment(
      {
        prepare: [
          step(
            'leak',
            'env; printf %s "${PASSWORD%-*}-"; sleep 0.2; echo "${PASSWORD##*-} abc plain"; echo "$TOKEN" >&2',
          ),
        ],
      },
      { env: { LITERAL: 'plain' }, env_file: bench.place('env'), pass_env: ['TOKEN'] },
    )
    const pipeline = createLocalPipeline({
      ...bench.deps,
      ownEnvironment: {
        TOKEN: 'tok-123456',
        GITHUB_TOKEN: 'ghp_aaaaaaaa',
        DEPLOYMENT_ADMIN_TOKENS: 'admin-token',
        NODE_OPTIONS: '--no-deprecation',
      },
    })
    const request = bench.request(where)
    expect(await bench.finish(request, pipeline)).toMatchObject({ state: 'succeeded' })

    const log = await bench.logOf(request.deployment.id)
    expect(log).toContain('PASSWORD=***')
    expect(log).toContain('TOKEN=***')
    expect(log).toContain('*** abc plain')
    expect(log).not.toMatch(/hunter2|tok-123456|GITHUB_TOKEN|DEPLOYMENT_ADMIN_TOKENS|NODE_OPTIONS/)
    for (const name of [
      'request.json',
      'progress.json',
      'outcome.json',
      'claim.json',
      'runner.log',
    ]) {
      const text = await readFile(bench.runPath(request.deployment.id, name), 'utf8')
      expect(text).not.toMatch(/hunter2|tok-123456|ghp_aaaaaaaa|admin-token/)
    }
    expect((await stat(bench.runPath(request.deployment.id))).mode & 0o777).toBe(0o700)
    expect((await stat(bench.runPath(request.deployment.id, 'log'))).mode & 0o777).toBe(0o600)
  })
})

describe('a run that fails', () => {
  it('leaves the current release alone when preparing fails', async () => {
    const before = bench.request(bench.environment(), 'v1')
    await bench.finish(before)
    const where = bench.environment({
      prepare: [witnessed('install'), step('build', 'echo broken >&2; exit 3'), witnessed('never')],
      activate: [witnessed('restart')],
    })
    const request = bench.request(where, 'v2')
    const run = await bench.finish(request)

    expect(run).toMatchObject({
      state: 'failed',
      step: 'build',
      cause: 'step build exited with code 3',
      switched: false,
    })
    expect(await bench.witnesses()).toEqual(['install'])
    expect(await bench.pipeline.current(where)).toEqual(before.deployment.release)
    const log = await bench.logOf(request.deployment.id)
    expect(log).toBe(
      '== prepare: install ==\n== prepare: build ==\nbroken\n== failed: step build exited with code 3 ==\n',
    )
  })

  it('says that the environment was switched when activating fails', async () => {
    const where = bench.environment({ activate: [step('restart', 'kill -9 $$')] })
    expect(await bench.finish(bench.request(where))).toMatchObject({
      state: 'failed',
      step: 'restart',
      cause: 'step restart was ended by SIGKILL',
      switched: true,
    })
  })

  it('names a program that does not exist', async () => {
    const where = bench.environment({
      prepare: [{ name: 'build', run: ['no-such-program'], directory: '.', timeout_seconds: 5 }],
    })
    const run = await bench.finish(bench.request(where))
    expect(run).toMatchObject({ state: 'failed', step: 'build' })
    expect(run.cause).toContain('no-such-program')
  })

  it('says why when the target directory cannot be written', async () => {
    await writeFile(bench.place('file'), '')
    const where = bench.environment({ directory: bench.place('file/target') })
    const run = await bench.finish(bench.request(where))
    expect(run).toMatchObject({ state: 'failed', step: null, switched: false })
    expect(run.cause).toContain('ENOTDIR')
  })

  it('does not replace a directory of somebody else by the link', async () => {
    await mkdir(bench.place('target/current/data'), { recursive: true })
    const where = bench.environment({ prepare: [witnessed('prepared')] })
    const run = await bench.finish(bench.request(where))
    expect(run).toMatchObject({ state: 'failed', step: null, switched: false })
    expect((await stat(bench.place('target/current/data'))).isDirectory()).toBe(true)
  })

  it('fails when the variables cannot be read', async () => {
    const where = bench.environment({}, { env_file: bench.place('missing') })
    const run = await bench.finish(bench.request(where))
    expect(run).toMatchObject({ state: 'failed', switched: false })
    expect(run.cause).toContain('ENOENT')
  })
})

describe('before and beside a run', () => {
  it('describes what it would do without touching anything', async () => {
    const where = bench.environment({ prepare: [witnessed('a')], activate: [witnessed('b')] })
    expect(
      await bench.pipeline.describe({
        action: 'deploy',
        environment: where,
        release: { sha: 'a'.repeat(40), version: 'v1' },
      }),
    ).toEqual({
      kind: 'local',
      target: bench.place('target'),
      isolation: 'none',
      steps: [
        { phase: 'prepare', name: 'a', run: where.local!.prepare[0]!.run },
        { phase: 'activate', name: 'b', run: where.local!.activate[0]!.run },
      ],
    })
  })

  it('knows of no run, no release and no log where there is none', async () => {
    const { deployment } = bench.request(bench.environment())
    expect(await bench.pipeline.find(deployment)).toBeNull()
    expect(await bench.pipeline.current(bench.environment())).toBeNull()
    expect(await bench.pipeline.log(deployment)).toEqual({ text: '', cursor: 0 })
  })

  it('does not take a release directory without its mark for a release', async () => {
    const where = bench.environment({
      activate: [step('break', 'echo "{" > .gonogo-release.json')],
    })
    await bench.finish(bench.request(where))
    expect(await bench.pipeline.current(where)).toBeNull()
  })

  it.each(['../outside', '.', '', 'a/b'])('refuses %j as the id of a run', async (id) => {
    const { deployment } = bench.request(bench.environment())
    await expect(bench.pipeline.find({ ...deployment, id })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  it('refuses an environment without a target', async () => {
    const request = bench.request(bench.environment({}, { local: null }))
    await expect(bench.pipeline.start(request)).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
  })
})
