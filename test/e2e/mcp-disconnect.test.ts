import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mainFile, startClinic, type Clinic } from '../support/clinic.ts'
import { dumpStore } from '../support/dump-store.ts'
import { processesOf } from '../support/processes-of.ts'
import { spawnMcp } from '../support/raw-mcp.ts'
import { until } from '../support/until.ts'

let clinic: Clinic

beforeAll(async () => {
  clinic = await startClinic({
    tests: ['sh', '-c', 'echo started >> "$HOME/tests"; exec sleep 120'],
    prepare: [{ name: 'take a while', run: ['sleep', '2'] }],
    // Nothing has to be proven before a deployment: this file is about how calls end.
    configure: (yaml) =>
      yaml.replaceAll(
        '    env_file:',
        '    checks: { tests_passed: advisory, security_scan: "off" }\n    env_file:',
      ),
  })
})

afterAll(async () => {
  await clinic?.close()
})

const validate = {
  name: 'validate_deployment',
  arguments: { environment: 'staging', git_ref: 'v1.0.0' },
  _meta: { progressToken: 'p' },
}

const testRuns = async () =>
  (await readFile(join(clinic.root, 'home/tests'), 'utf8').catch(() => '')).split('\n').length - 1

/** Servers, and test commands of any of them. */
const atWork = async () =>
  (await processesOf(clinic.root)).filter(
    ({ command }) => command.includes(`${mainFile} mcp`) || command === 'sleep 120',
  )

async function expectNothingLeft(): Promise<void> {
  await until('every process to be gone', async () => (await atWork()).length === 0)
}

describe('a client that leaves while a commit is validated', () => {
  test('takes the server and the test command with it when it closes stdin', async () => {
    await using server = spawnMcp(clinic)
    await server.initialize()
    const before = await testRuns()
    server.send({ id: 70, method: 'tools/call', params: validate })
    await until('the test command', async () => (await testRuns()) > before)
    server.child.stdin.end()
    expect(await server.ended()).toEqual({ exitCode: 0, signal: null })
    await expectNothingLeft()
  })

  test('takes them with it when it stops reading', async () => {
    await using server = spawnMcp(clinic, { args: ['--wait-seconds', '1'] })
    await server.initialize()
    const before = await testRuns()
    server.send({ id: 70, method: 'tools/call', params: validate })
    await until('the test command', async () => (await testRuns()) > before)
    server.child.stdout.destroy()
    expect(await server.ended()).toEqual({ exitCode: 0, signal: null })
    await expectNothingLeft()
  })

  test('takes them with it when it is killed', async () => {
    const before = await testRuns()
    const lines = [
      {
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'c', version: '1' },
        },
      },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/call', params: validate },
    ].map((message) => JSON.stringify({ jsonrpc: '2.0', ...message }))
    const client = spawn(
      process.execPath,
      ['-e', clientProgram, mainFile, `${lines.join('\n')}\n`],
      { cwd: clinic.root, env: clinic.env, stdio: 'ignore' },
    )
    await until('the test command', async () => (await testRuns()) > before)
    expect(await atWork()).not.toEqual([])
    client.kill('SIGKILL')
    await once(client, 'exit')
    await expectNothingLeft()
  })
})

// Holds both ends of the server's pipes, as a client does, and reads what comes.
const clientProgram = `
  const server = require('node:child_process').spawn(process.execPath, [process.argv[1], 'mcp'])
  server.stdin.write(process.argv[2])
  server.stdout.resume()`

const row = () => dumpStore(clinic.project.stateDirectory)['deployments']?.[0]

describe.concurrent('a client that leaves while something else goes on', () => {
  test('does not stop a deployment', async () => {
    await using server = spawnMcp(clinic)
    await server.initialize()
    const params = { name: 'deploy_to_staging', arguments: { git_ref: 'v1.0.0' } }
    server.send({ id: 70, method: 'tools/call', params })
    const id = String((await until('the deployment', row))['id'])
    server.child.stdin.end()
    await server.ended()
    // The store is watched, and no gonogo started: any of them would look after the deployment.
    await until('the deployment to end', () => row()?.['phase'] === 'ended')
    const status = await clinic.gonogo(['status', id, '--json'])
    expect(status.json()['deployment']).toMatchObject({
      status: 'success',
      health_status: 'healthy',
    })
  })

  test('does not keep the server waiting for a live system that never answers', async () => {
    await using silent = await silentService()
    await using server = spawnMcp(clinic, { env: { STAGING_URL: silent.url } })
    await server.initialize()
    const params = { name: 'run_smoke_tests', arguments: { environment: 'staging' } }
    server.send({ id: 70, method: 'tools/call', params })
    await silent.asked
    server.child.stdin.end()
    expect(await server.ended()).toEqual({ exitCode: 0, signal: null })
  })
})

/** Accepts connections, and that is all. */
async function silentService() {
  const sockets: Socket[] = []
  const service = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
  await once(service, 'listening')
  return {
    url: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
    asked: once(service, 'connection'),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => service.close(resolve))
    },
  }
}
