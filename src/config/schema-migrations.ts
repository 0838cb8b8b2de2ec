import { z } from 'zod'
import { migrationFrameworks } from '../core/migration.ts'
import { innerDirectory } from './schema-parts.ts'

/** The `migrations` section. */
export const migrationsSection = z.strictObject({
  paths: z
    .array(innerDirectory)
    .default([])
    .describe("Directories of migrations, relative to the commit's tree.")
    .meta({ shown_default: 'they are looked for' }),
  framework: z
    .enum(migrationFrameworks)
    .optional()
    .describe('How they are written.')
    .meta({ shown_default: 'told by what the files look like' }),
})
