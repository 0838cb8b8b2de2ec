import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { symptom, type Place } from '../docs/symptom.ts'
import { hasWords } from '../docs/troubleshooting-table.ts'
import { mainFile } from '../support/clinic.ts'
import type { EnvironmentConfig, SmallConfig } from '../support/small-config.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'

let shop: Workshop
let project: SmallProject
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({ environments: ['staging', 'production'] })
})
afterAll(async () => {
  await project.close()
  await shop.close()
})

const environment = (config: SmallConfig, name: string): EnvironmentConfig =>
  config.environments[name]!

/** Works with another configuration, and puts the old one back. */
async function configured(
  change: (config: SmallConfig) => void,
  work: () => Promise<void>,
): Promise<void> {
  const before = structuredClone(project.config)
  change(project.config)
  await project.save()
  try {
    await work()
  } finally {
    for (const key of Object.keys(project.config)) delete project.config[key]
    Object.assign(project.config, before)
    await project.save()
  }
}

/** Puts the configuration right, as a person would. */
async function edit(change: (config: SmallConfig) => void): Promise<void> {
  change(project.config)
  await project.save()
}

async function inDirectory(work: (place: Place) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'gonogo-empty-'))
  try {
    await work({ root, env: { ...project.env, XDG_STATE_HOME: join(root, 'state') } })
  } finally {
    await rm(root, { recursive: true })
  }
}

describe('the project', () => {
  symptom('no-project', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await inDirectory(async (place) => {
      const { exitCode, text } = await gonogo(place, ['list'])
      expect(exitCode).toBe(2)
      saw(text)
      await look(place)
      await fix(place, 'gonogo init --yes')
      await lookAgain(place)
    })
  })

  symptom('unknown-key', async ({ gonogo, saw, look, lookAgain }) => {
    await configured(
      (config) => (environment(config, 'staging')['urll'] = 'http://127.0.0.1:1'),
      async () => {
        saw((await gonogo(project, ['list'])).text)
        expect(await look(project)).toContain('environments.staging.urll')
        await edit((config) => delete environment(config, 'staging')['urll'])
        await lookAgain(project)
      },
    )
  })

  symptom('no-pipeline', async ({ gonogo, saw, look, lookAgain }) => {
    await configured(
      (config) => delete config['pipeline'],
      async () => {
        saw((await gonogo(project, ['deploy', 'v1', '--dry-run'])).text)
        await look(project)
        await edit((config) => (config['pipeline'] = 'local'))
        await lookAgain(project)
      },
    )
  })

  symptom('unknown-environment', async ({ gonogo, saw, look, fix }) => {
    saw((await gonogo(project, ['smoke', 'stagign'])).text)
    await look(project)
    expect((await fix(project, 'gonogo smoke staging')).text).not.toContain('not configured')
  })

  symptom('unknown-version', async ({ gonogo, saw, look, lookAgain }) => {
    const values = { VERSION: 'v9.9.9' }
    saw((await gonogo(project, ['deploy', 'v9.9.9', '--dry-run'])).text)
    await look(project, values)
    // What a fetch brings.
    await shop.repository.git('tag', 'v9.9.9')
    await lookAgain(project, values)
  })
})

/** A directory for PATH that has these programs and no others. */
async function pathWith(...programs: string[]): Promise<{ PATH: string }> {
  const directory = join(project.root, `bin-${programs.join('-')}`)
  await mkdir(directory, { recursive: true })
  for (const program of programs) {
    const { stdout } = await promisify(execFile)('sh', ['-c', `command -v ${program}`])
    await symlink(stdout.trim(), join(directory, program))
  }
  return { PATH: directory }
}

describe('programs', () => {
  symptom('git-missing', async ({ gonogo, saw, look, lookAgain }) => {
    const env = await pathWith()
    saw((await gonogo(project, ['deploy', 'v1', '--dry-run'], { env })).text)
    await look(project, {}, { env })
    await lookAgain(project)
  })

  // Another Node is not at hand, so this one says that it is old.
  symptom('node-too-old', async ({ saw, row }) => {
    const preload = join(project.root, 'old-node.mjs')
    const version = `Object.defineProperty(process.versions, 'node', { value: '22.1.0' })`
    await writeFile(preload, version)
    const typed = async (...args: string[]) => {
      const outcome = execFile(process.execPath, ['--import', preload, mainFile, ...args])
      let text = ''
      outcome.stderr?.on('data', (chunk) => (text += chunk))
      await new Promise((resolve) => outcome.on('close', resolve))
      return { text, exitCode: outcome.exitCode }
    }
    const mcp = await typed('mcp')
    expect(mcp.exitCode).toBe(2)
    saw(mcp.text)
    const [, ...args] = row.look.split(' ')
    expect(hasWords((await typed(...args)).text, row.shows)).toBe(true)
  })
})

/** What staging wants of a commit. */
function wanting(checks: Record<string, string>, more: Record<string, unknown> = {}) {
  return (config: SmallConfig) => {
    Object.assign(environment(config, 'staging')['checks'] as object, checks)
    Object.assign(config, more)
  }
}

function wantingSecret(config: SmallConfig): void {
  const staging = environment(config, 'staging')
  staging['variables'] = { SESSION_SECRET: {} }
  staging['pass_env'] = ['SESSION_SECRET']
}

/** Nobody listens on the port of the discard service. */
function registry(config: SmallConfig): void {
  wanting({ security_scan: 'required' })(config)
  config['security'] = { npm_registry: 'http://127.0.0.1:9/' }
}

const testsThat = (script: string) => ({ tests: [{ name: 'unit', run: ['sh', '-c', script] }] })

describe('the checks', () => {
  symptom('not-merged', async ({ gonogo, saw, look, lookAgain, fix }) => {
    const { repository } = shop
    await repository.git('switch', '--quiet', '--create', 'feature')
    const VERSION = await repository.commit({ 'feature.txt': 'new\n' })
    await repository.git('switch', '--quiet', 'main')
    await configured(wanting({ git_ref_valid: 'required' }), async () => {
      saw((await gonogo(project, ['deploy', 'feature', '--dry-run'])).text)
      await look(project, { VERSION })
      await fix({ ...project, root: repository.directory }, 'git merge BRANCH', {
        BRANCH: 'feature',
      })
      await lookAgain(project, { VERSION })
    })
  })

  symptom('tests-not-configured', async ({ gonogo, saw, look, lookAgain }) => {
    await configured(wanting({ tests_passed: 'required' }), async () => {
      const values = { VERSION: 'v1' }
      saw((await gonogo(project, ['validate', 'staging', 'v1'])).text)
      await look(project, values)
      await edit((config) => Object.assign(config, testsThat('true')))
      await lookAgain(project, values)
    })
  })

  symptom('tests-failed', async ({ gonogo, saw, look, lookAgain }) => {
    const broken = testsThat('echo 2 of 40 failed; exit 1')
    await configured(wanting({ tests_passed: 'required' }, broken), async () => {
      const values = { VERSION: 'v1' }
      saw((await gonogo(project, ['validate', 'staging', 'v1'])).text)
      expect(await look(project, values)).toContain('2 of 40 failed')
      await edit((config) => Object.assign(config, testsThat('true')))
      await lookAgain(project, values)
    })
  })

  symptom('no-evidence', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await configured(wanting({ tests_passed: 'required' }, testsThat(':')), async () => {
      const values = { VERSION: 'v2' }
      saw((await gonogo(project, ['deploy', 'v2', '--yes'])).text)
      await look(project, values)
      await fix(project, 'gonogo validate staging VERSION', values)
      await lookAgain(project, values)
    })
  })

  symptom('variable-missing', async ({ gonogo, saw, look, lookAgain }) => {
    await configured(wantingSecret, async () => {
      const values = { VERSION: 'v1' }
      saw((await gonogo(project, ['deploy', 'v1', '--dry-run'])).text)
      await look(project, values)
      await lookAgain(project, values, { env: { SESSION_SECRET: 'thirty-two-random-characters' } })
    })
  })
})

describe('the scan', () => {
  const values = { VERSION: 'locked' }
  beforeAll(async () => {
    const manifest = { name: 'locked', version: '1.0.0', dependencies: { 'left-pad': '1.3.0' } }
    const packages = { '': manifest, 'node_modules/left-pad': { version: '1.3.0' } }
    await shop.repository.commit({
      'package.json': JSON.stringify(manifest),
      'package-lock.json': JSON.stringify({ ...manifest, lockfileVersion: 3, packages }),
    })
    await shop.repository.git('tag', values.VERSION)
  })

  symptom('npm-missing', async ({ gonogo, saw, look }) => {
    await configured(registry, async () => {
      const env = await pathWith('git')
      saw((await gonogo(project, ['validate', 'staging', values.VERSION], { env })).text)
      await look(project, values, { env })
    })
  })

  symptom('registry-unreachable', async ({ saw, look }) => {
    await configured(registry, async () => saw(await look(project, values)))
  })
})
