import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { symptom } from '../docs/symptom.ts'
import { mainFile } from '../support/clinic.ts'
import { spawnMcp, type RawServer } from '../support/raw-mcp.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'

let shop: Workshop
let project: SmallProject
let server: RawServer
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({
    environments: ['staging', 'production'],
    configure(config) {
      config['tests'] = [{ name: 'unit', run: ['sleep', '1.2'] }]
      Object.assign(config.environments['staging']!['checks'] as object, {
        tests_passed: 'required',
      })
    },
  })
  server = spawnMcp(project, { args: ['--read-only', '--wait-seconds', '1'] })
  await server.initialize()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await project.close()
  await shop.close()
})

const client = () => join(project.root, '.mcp.json')

/** What a client is told to start, in Claude Code's file for a project. */
async function configured(args: readonly string[]): Promise<void> {
  const entry = { type: 'stdio', command: process.execPath, args }
  await writeFile(client(), JSON.stringify({ mcpServers: { gonogo: entry } }, null, 2))
}

async function called(name: string, args: Record<string, string>): Promise<string> {
  const { result } = await server.request('tools/call', { name, arguments: args })
  return JSON.stringify(result!.content)
}

describe('an assistant', () => {
  symptom('no-tools', async ({ saw, look, lookAgain, fix }) => {
    const wrong = join(project.root, 'nowhere/dist/main.js')
    await configured([wrong, 'mcp', '--project', project.root])
    saw(await startedAsConfigured())
    await look(project)
    await fix(project, 'gonogo install --client claude-code')
    await lookAgain(project)
    expect(await readFile(client(), 'utf8')).toContain(mainFile)
  })

  symptom('tool-not-offered', async ({ saw, look, lookAgain, fix }) => {
    await configured([mainFile, 'mcp', '--project', project.root, '--read-only'])
    saw(await called('promote_to_production', { staging_version: 'v1' }))
    await look(project)
    await fix(project, 'gonogo install --client claude-code')
    await lookAgain(project)
  })

  symptom('pending', async ({ saw, look }) => {
    saw(await called('validate_deployment', { environment: 'staging', git_ref: 'v1' }))
    await look(project, { VERSION: 'v2' })
  })
})

/** What the client's log gets to see. */
async function startedAsConfigured(): Promise<string> {
  const { mcpServers } = JSON.parse(await readFile(client(), 'utf8'))
  const { command, args } = mcpServers.gonogo as { command: string; args: string[] }
  return await new Promise((resolve) => {
    execFile(command, args, (_error, _stdout, stderr) => resolve(stderr))
  })
}
