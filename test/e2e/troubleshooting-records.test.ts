import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { symptom } from '../docs/symptom.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'

let shop: Workshop
let project: SmallProject
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({ environments: ['staging', 'production'] })
  await project.tool('list_deployments', {})
})
afterAll(async () => {
  await project.close()
  await shop.close()
})

/** A path where no file can be. Not by permissions: those do not stop root. */
async function belowFile(variable: string): Promise<{ env: Record<string, string> }> {
  await writeFile(join(project.root, 'file'), '')
  return { env: { [variable]: join(project.root, 'file/below') } }
}

describe('the audit log', () => {
  symptom('audit-changed', async ({ gonogo, saw, look, lookAgain }) => {
    const log = join(project.root, 'state/audit.jsonl')
    const before = await readFile(log, 'utf8')
    const [first, second, ...rest] = before.split('\n')
    await writeFile(log, [first, second!.replace('true', 'false'), ...rest].join('\n'))
    const { text, exitCode } = await gonogo(project, ['audit', 'verify'])
    expect(exitCode).toBe(1)
    saw(text)
    await look(project)
    await writeFile(log, before)
    await lookAgain(project)
  })

  symptom('audit-unwritable', async ({ gonogo, saw, look, lookAgain }) => {
    const options = await belowFile('DEPLOYMENT_AUDIT_LOG')
    saw((await gonogo(project, ['adopt', 'production', 'v1'], options)).text)
    await look(project, {}, options)
    await lookAgain(project)
  })
})

describe('the store', () => {
  symptom('state-unwritable', async ({ gonogo, saw, look, lookAgain }) => {
    const options = await belowFile('GONOGO_STATE_DIR')
    saw((await gonogo(project, ['list'], options)).text)
    await look(project, {}, options)
    await lookAgain(project)
  })

  symptom('store-damaged', async ({ gonogo, saw, look, lookAgain }) => {
    await shop.with({}, async (other) => {
      const file = join(other.root, 'state/gonogo.db')
      await writeFile(file, 'no database at all, but a text of some length'.repeat(100))
      saw((await gonogo(other, ['list'])).text)
      await look(other)
      await rm(file)
      await lookAgain(other)
    })
  })
})
