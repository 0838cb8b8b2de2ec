import { z } from 'zod'
import { innerDirectory, path } from './schema-parts.ts'

const selfApproval = z.enum(['auto', 'allowed', 'forbidden'])

const selfApprovalText =
  'Whether people approve what they asked for; `auto`: only where one approval is wanted and there is one approver. `forbidden` also counts what an assistant asked for on their behalf.'

const minutes = z.int().min(1).max(10_080)

const personName = z.string().regex(/^[A-Za-z0-9][\w.@+-]{0,127}$/, {
  error: 'must be letters, digits and . _ @ + -, such as ada or ada@example.org',
})

const login = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/, {
  error: 'must be a login of GitHub, without "@"',
})

const person = z.strictObject({
  signers: z.array(personName).default([]).describe('Names in the list of approvers.'),
  github: z.array(login).default([]).describe('Logins on GitHub.'),
  users: z.array(z.string().min(1).max(64)).default([]).describe('Operating-system users.'),
})

/** The `approvals` section. */
export const approvalsSection = z.strictObject({
  mode: z
    .enum(['standard', 'strict'])
    .default('standard')
    .describe('`strict`: at least level L1, and static tokens are refused.'),
  signers_file: path
    .optional()
    .describe('Allowed-signers file (ssh-keygen(1)) of those who may approve.')
    .meta({ shown_default: '`approvers` in the state directory' }),
  signers_in_repository: innerDirectory
    .optional()
    .describe(
      "Path of that file on the repository's default branch, read through GitHub; then `signers_file` does not count.",
    )
    .meta({ shown_default: '`signers_file` counts' }),
  github: z
    .enum(['off', 'issues'])
    .default('off')
    .describe(
      '`issues`: gonogo opens an issue for a request, and `/approve CODE` by a login of `people` counts, level L2 when the workflow verifies that by itself (docs/github.md).',
    ),
  people: z
    .record(personName, person.prefault({}))
    .default({})
    .describe('What one person is known by, so that nobody counts twice or approves themselves.'),
  groups: z
    .record(personName, z.array(personName).min(1))
    .default({})
    .describe('Groups of people, for `environments.<name>.approvers.people`.'),
  validity_minutes: minutes
    .default(30)
    .describe('How long a request, and the approval of it, may be used.'),
  break_glass_minutes: minutes
    .default(10)
    .describe('The same for a request that goes around gates in an emergency.'),
  self_approval: selfApproval.default('auto').describe(selfApprovalText),
})

/** `environments.<name>.approvers`. */
export const approversSection = z.strictObject({
  count: z.int().min(1).max(10).default(1).describe('How many different people have to approve.'),
  people: z
    .array(personName)
    .default([])
    .describe('People and groups whose word counts.')
    .meta({ shown_default: 'every approver' }),
  self_approval: selfApproval
    .optional()
    .describe(selfApprovalText)
    .meta({ shown_default: '`approvals.self_approval`' }),
  validity_minutes: minutes
    .optional()
    .describe('How long a request, and the approval of it, may be used.')
    .meta({ shown_default: '`approvals.validity_minutes`' }),
  reason: z
    .enum(['required', 'optional'])
    .default('optional')
    .describe('Whether an approver has to say why (`gonogo approve --reason`).'),
})
