import { expect, it } from 'vitest'
import { followConfiguration } from '../../src/cli/follow-configuration.ts'
import type { Context } from '../../src/ports/context.ts'
import { makeWorld } from '../support/fake-context.ts'

/** A project whose configuration a test edits, and how often it was opened. */
function edited() {
  const state = { evidence_hours: 24, token: 'first', broken: false, opened: 0 }
  const open = async (): Promise<Context> => {
    state.opened += 1
    if (state.broken) throw new Error('gonogo.yaml is broken')
    const { call } = makeWorld()
    const project = { ...call.project, evidence_hours: state.evidence_hours }
    return { ...call, project, callerToken: state.token }
  }
  return { state, project: followConfiguration(open) }
}

it('is the same project as long as its configuration says the same', async () => {
  const { state, project } = edited()
  const [first, second] = await Promise.all([project(), project()])
  expect(second).toBe(first)
  expect(await project()).toBe(first)
  expect(state.opened).toBe(3)
})

it('is another one from the call after an edit on', async () => {
  const { state, project } = edited()
  const before = await project()
  state.evidence_hours = 1
  const after = await project()
  expect(after).not.toBe(before)
  expect(after.project.evidence_hours).toBe(1)
  expect(await project()).toBe(after)
})

it('is called by somebody else from the call after a new caller token on', async () => {
  const { state, project } = edited()
  const before = await project()
  state.token = 'second'
  expect((await project()).callerToken).toBe('second')
  expect(before.callerToken).toBe('first')
})

it('tells the call of a broken file, and goes on with what there was once it is mended', async () => {
  const { state, project } = edited()
  const before = await project()
  state.broken = true
  await expect(project()).rejects.toThrow('gonogo.yaml is broken')
  state.broken = false
  expect(await project()).toBe(before)
})
