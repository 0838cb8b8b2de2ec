// Signs a message as a person at a terminal would be asked to; the signature goes into a file.
import { writeFileSync } from 'node:fs'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createApprovers } from '../../../src/adapters/ssh/approvers.ts'
import { createSigner } from '../../../src/adapters/ssh/signer.ts'
import { approvalNamespace } from '../../../src/core/approval.ts'

const [keyFile = '', message = '', output = ''] = process.argv.slice(2)
const signer = createSigner({
  processes: createProcesses(),
  approvers: createApprovers({ path: '/dev/null' }),
  env: process.env,
  terminal: true,
})
writeFileSync(output, await signer.sign(message, keyFile, approvalNamespace))
