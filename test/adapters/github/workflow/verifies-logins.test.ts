import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { examineText } from './preflight.ts'

// L2 rests on this: what is started looks at the login by itself.

const text = readFileSync(
  join(import.meta.dirname, '../../../../examples/workflows/cd.yml'),
  'utf8',
)
const inputs = {
  action: 'promote',
  environment: 'production',
  version: 'v1',
  commit: 'c'.repeat(40),
  deployment_id: 'dep_1',
}
const backDoor = `
  back:
    if: \${{ inputs.action == 'rollback' }}
    runs-on: ubuntu-24.04
    environment: production
    steps: [{ run: ./back.sh }]
`
const leftOpen = text.replace('OPEN: staging', 'OPEN: staging production')
const caller = `
  back:
    if: \${{ inputs.action == 'rollback' }}
    uses: ./.github/workflows/back.yml
`

it.each<[what: string, environment: string, text: string, verifies: boolean]>([
  ['the reference workflow', 'production', text, true],
  ['an environment that it leaves open', 'staging', text, false],
  ['production, left open', 'production', leftOpen, false],
  ['a job that only another input runs', 'production', text + backDoor, false],
  ['a call that only another input makes', 'production', text + caller, false],
  [
    'a gate that may fail',
    'production',
    text.replace('    timeout-minutes: 5', '    continue-on-error: true\n    timeout-minutes: 5'),
    false,
  ],
])('of %s', async (_, environment, workflow, verifies) => {
  const given = { environment, inputs: { ...inputs, environment } }
  expect((await examineText(workflow, given)).verifies_logins).toBe(verifies)
})

it.each([
  ['production', text, true],
  ['production', leftOpen, false],
  ['staging', text, false],
])('says whether an approval of %s is verified at all', async (environment, workflow, verifies) => {
  const given = { environment, inputs: { ...inputs, environment } }
  expect((await examineText(workflow, given)).verifies_approval).toBe(verifies)
})
