import { z } from 'zod'
import { stepName } from './schema-parts.ts'

// Without a dot or a port it would be the owner of an image of Docker Hub, which has to be said.
const host = String.raw`(?:(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?::\d{1,5})?|[A-Za-z0-9-]+:\d{1,5})`
// Capitals are lowered later: variables of a workflow have the spelling of the owner's name.
const part = String.raw`[A-Za-z0-9]+(?:(?:\.|_|__|-+)[A-Za-z0-9]+)*`

/** One entry of `images`. */
export const imageRule = z.strictObject({
  name: stepName.describe('Unique among the images; what the plan calls it.'),
  image: z
    .string()
    .max(255)
    .regex(new RegExp(`^${host}(?:/${part})+$`), {
      error:
        'must be a registry and a repository without tag, such as ghcr.io/acme/api or docker.io/acme/api',
    })
    .refine((image) => URL.canParse(`http://${image}`), { error: 'has no port of this number' })
    .describe(
      'Registry and repository, without tag. Asked over HTTPS; over HTTP only on this machine (`localhost:5000/api`). Capitals are lowered.',
    ),
  tag: z
    .string()
    .regex(/^(?:[A-Za-z0-9._-]|\{\{(?:version|number|sha|short_sha)\}\})+$/, {
      error:
        'must be a tag, with {{version}}, {{number}}, {{sha}} or {{short_sha}} where the release is named',
    })
    .default('{{version}}')
    .describe(
      'Tag of a release. `{{version}}` inserts its version, `{{number}}` the same without a leading `v`, `{{sha}}` its commit and `{{short_sha}}` the first 7 digits of that.',
    ),
  platform: z
    .string()
    .regex(/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/, { error: 'must be such as linux/amd64' })
    .default('linux/amd64')
    .describe('What the image must exist for.'),
  require_user: z.boolean().default(false).describe('Refuse an image that runs as root.'),
  require_healthcheck: z
    .boolean()
    .default(false)
    .describe('Refuse an image without a health check.'),
})
