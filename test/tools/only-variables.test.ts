import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { directories, repositories } from '../adapters/git/fixture.ts'
import { useBench } from '../adapters/github/client/bench.ts'
import { awsLine, secrets } from '../adapters/scanners/fixture.ts'
import { runInProcess } from '../docs/in-process.ts'

// A project that is nothing but GITHUB_TOKEN and GITHUB_REPOSITORY: no gonogo.yaml, no clone, no file.

const repository = repositories()
const directory = directories()
const bench = useBench()
const reference = join(import.meta.dirname, '../../examples/workflows/cd.yml')

async function project() {
  const repo = await repository()
  const workflow = await readFile(reference)
  const clean = await repo.commit({ 'a.js': 'void 0\n', '.github/workflows/cd.yml': workflow })
  await repo.git('tag', 'v1.0.0')
  await repo.commit({ 'store.env': awsLine(secrets.awsKey) })
  await repo.git('branch', 'leaky')
  const hub = await bench().hub({ git: join(repo.directory, '.git') })
  hub.settings.requiredChecks.set('main', { ruleset: ['test'], classic: [] })
  hub.settings.checks.set(clean, [{ name: 'test', source: 'check_run', state: 'success' }])
  for (const name of ['staging', 'production']) {
    hub.settings.environments.set(name, {
      reviewers: [],
      preventSelfReview: false,
      waitMinutes: 0,
      branches: ['main'],
      variables: ['APP_URL=https://clinic.example'],
      secrets: [],
    })
  }
  const home = await directory()
  const cwd = join(home, 'empty')
  await mkdir(cwd)
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    GITHUB_TOKEN: hub.token,
    GITHUB_REPOSITORY: hub.repository,
    GITHUB_API_URL: hub.apiUrl,
  }
  const gonogo = async (...argv: string[]) => {
    const { exitCode, stdout } = await runInProcess([...argv, '--json'], { cwd, env })
    return { exitCode, output: JSON.parse(stdout) as Record<string, unknown> }
  }
  return { hub, gonogo }
}

function checkOf(output: Record<string, unknown>, name: string) {
  const checks = output['checks'] as { check_name: string; status: string; message: string }[]
  return checks.find((check) => check.check_name === name)
}

test('two variables are enough to validate, to scan, to list and to plan a deployment', async () => {
  const { hub, gonogo } = await project()

  const good = await gonogo('validate', 'staging', 'v1.0.0')
  expect(good.output).toMatchObject({ valid: true })
  expect(checkOf(good.output, 'preflight')).toMatchObject({ status: 'passed' })
  const leaky = await gonogo('validate', 'staging', 'leaky')
  expect(leaky).toMatchObject({ exitCode: 1, output: { valid: false } })
  expect(checkOf(leaky.output, 'security_scan')).toMatchObject({ status: 'failed' })
  const found = await gonogo('scan', 'leaky')
  expect(found.output).toMatchObject({ vulnerabilities: [{ path: 'store.env' }] })
  expect(JSON.stringify([leaky, found])).not.toContain(secrets.awsKey)

  const plan = await gonogo('deploy', 'v1.0.0', '--dry-run')
  expect(plan).toMatchObject({ exitCode: 0, output: { status: 'dry_run' } })
  expect(JSON.stringify(plan.output)).toContain('actions/workflows/cd.yml/dispatches')
  const listed = await gonogo('list')
  expect(listed).toMatchObject({ exitCode: 0, output: { deployments: [] } })

  expect(hub.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  expect(hub.violations).toEqual([])
})
