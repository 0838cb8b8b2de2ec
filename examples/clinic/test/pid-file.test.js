// @ts-check
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { forgetProcess, recordThisProcess, runningProcess } from '../src/pid-file.js'
import { processStart } from '../src/process-start.js'
import { releaseDirectory } from '../src/release.js'
import { temporaryDirectory } from '../testing/clinic.js'

test('a recorded process is running until it is forgotten', (t) => {
  const data = temporaryDirectory(t)
  assert.equal(runningProcess(data), undefined)
  recordThisProcess(data)
  assert.partialDeepStrictEqual(runningProcess(data), {
    pid: process.pid,
    release: releaseDirectory,
  })
  forgetProcess(data, process.pid + 1)
  assert.notEqual(runningProcess(data), undefined)
  forgetProcess(data, process.pid)
  assert.equal(runningProcess(data), undefined)
})

test('a pid that now belongs to another process is not running', (t) => {
  const data = temporaryDirectory(t)
  recordThisProcess(data)
  const file = join(data, 'clinic.pid')
  const record = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...record, started: 'another time' }))
  assert.equal(runningProcess(data), undefined)
})

test('a start time stays the same and ends with the process', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
  const pid = child.pid ?? 0
  const started = processStart(pid)
  assert.notEqual(started, undefined)
  assert.equal(processStart(pid), started)
  child.kill()
  await once(child, 'exit')
  assert.equal(processStart(pid), undefined)
})

test('without /proc, ps tells the start time', { skip: !existsSync('/bin/ps') }, () => {
  assert.match(processStart(process.pid, 'darwin') ?? '', /\d\d:\d\d:\d\d \d{4}$/)
})
