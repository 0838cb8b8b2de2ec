import { join } from 'node:path'

/**
 * `npm audit` so that neither the environment nor the user's settings can narrow it. Two attempts,
 * because npm's own three wait for more than a minute between them.
 */
export const npmAudit: readonly string[] = [
  'npm',
  'audit',
  '--json',
  '--package-lock=true',
  '--package-lock-only',
  '--include=dev',
  '--include=optional',
  '--include=peer',
  '--ignore-scripts',
  '--no-update-notifier',
  '--loglevel=error',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=500',
  '--fetch-retry-maxtimeout=2000',
]

/**
 * A cache of its own always; npm settings of its own when the registry is configured, so that no
 * credentials of the user are sent there. The registry is no argument because others can list those,
 * and its URL may carry a password.
 */
export function npmEnvironment(
  env: Record<string, string>,
  scratch: string,
  registry: string | null,
): Record<string, string> {
  const own = { ...env, npm_config_cache: join(scratch, 'cache') }
  if (registry === null) return own
  return {
    ...own,
    HOME: scratch,
    npm_config_registry: registry,
    npm_config_userconfig: join(scratch, 'user-npmrc'),
    npm_config_globalconfig: join(scratch, 'global-npmrc'),
  }
}
