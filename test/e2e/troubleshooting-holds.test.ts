import { afterAll, beforeAll, describe, expect } from 'vitest'
import { takeEnvironment } from '../../src/desk/locks.ts'
import { symptom } from '../docs/symptom.ts'
import { openWorkshop, type Workshop } from '../support/small-project.ts'

let shop: Workshop
beforeAll(async () => void (shop = await openWorkshop()))
afterAll(() => shop.close())

const unguarded = { approval: 'none' as const }
const promotion = ['promote', 'v1', '--yes']

describe.concurrent('what people hold back', () => {
  symptom('line-stopped', async ({ gonogo, saw, look, lookAgain }) => {
    await shop.with({}, async (project) => {
      await gonogo(project, ['stop-the-line', '--reason', 'orders are lost'])
      saw((await gonogo(project, promotion)).text)
      await look(project)
      const lift = ['stop-the-line', '--lift', '--key', shop.key, '--confirm', 'small']
      expect((await gonogo(project, lift)).text).toContain('lifted as ada')
      await lookAgain(project)
    })
  })

  symptom('frozen', async ({ gonogo, saw, look, lookAgain }) => {
    const always = { name: 'always', kind: 'dates', from: '2020-01-01', to: '2120-01-01' }
    const freeze = [{ ...always, time_zone: 'UTC' }]
    const configure = (config: Record<string, unknown>) => void Object.assign(config, { freeze })
    await shop.with({ ...unguarded, configure }, async (project) => {
      saw((await gonogo(project, promotion)).text)
      await look(project)
      Object.assign(project.config, { freeze: [] })
      await project.save()
      await lookAgain(project)
    })
  })

  symptom('locked-by-person', async ({ gonogo, saw, look, lookAgain, fix }) => {
    await shop.with(unguarded, async (project) => {
      const principal = { kind: 'human', name: 'bob' } as const
      const take = 'moving the database'
      await project.within((call) => takeEnvironment(call, 'production', take), { principal })
      saw((await gonogo(project, promotion)).text)
      await look(project)
      await fix(project, 'gonogo lock break production --confirm production')
      await lookAgain(project)
    })
  })

  symptom('token-refused', async ({ gonogo, saw, look, lookAgain }) => {
    await shop.with(unguarded, async (project) => {
      const wrong = { env: { GONOGO_TOKEN: `gng_${'0'.repeat(48)}` } }
      saw((await gonogo(project, ['list'], wrong)).text)
      await look(project, {}, wrong)
      await lookAgain(project)
    })
  })

  symptom('not-anchored', async ({ gonogo, saw, look }) => {
    await shop.with(unguarded, async (project) => {
      await gonogo(project, ['list'])
      const { text, exitCode } = await gonogo(project, ['audit', 'verify'])
      expect(exitCode).toBe(6)
      saw(text)
      await look(project)
    })
  })
})
