import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createLeaseOwners } from '../../../src/adapters/keeper/lease-owner.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { ownerLabel, ownerText, parseOwner } from '../../../src/core/lease-owner.ts'

const processes = createProcesses()
const owners = createLeaseOwners(processes)

describe('the owner of a lease', () => {
  it('is this process, under a name that tells it from all others', async () => {
    const self = await owners.self()
    expect(ownerLabel(self)).toBe(`keeper pid ${process.pid}`)
    expect(parseOwner(self)).toMatchObject({ pid: process.pid })
    expect(await owners.mayLive(self)).toBe(true)
  })

  it('is gone when its process is', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const start_time = (await processes.startTime(child.pid!))!
    const owner = ownerText({ ...parseOwner(await owners.self())!, pid: child.pid!, start_time })
    expect(await owners.mayLive(owner)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(await owners.mayLive(owner)).toBe(false)
  })

  it('is gone when its pid belongs to a later process', async () => {
    const owner = { ...parseOwner(await owners.self())!, start_time: 'another time' }
    expect(await owners.mayLive(ownerText(owner))).toBe(false)
  })

  it.each([
    [
      'another machine',
      async () => ({ ...parseOwner(await owners.self())!, machine: 'elsewhere' }),
    ],
    ['an unknown time', async () => null],
  ])('may live when it is of %s', async (_what, owner) => {
    const known = await owner()
    expect(await owners.mayLive(known ? ownerText(known) : 'keeper pid 1')).toBe(true)
  })

  it('keeps a start time that has spaces in it', () => {
    const owner = { pid: 7, machine: 'mac', start_time: 'Sun Nov 22 11:00:00 2026' }
    expect(parseOwner(ownerText(owner))).toEqual(owner)
  })
})
