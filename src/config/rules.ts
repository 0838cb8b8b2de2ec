import type { Path, Problem } from './problems.ts'
import { entriesAt, environmentNames, itemsAt, valueAt } from './raw.ts'
import { approvalRules } from './rules-approvals.ts'
import { customCheckRules } from './rules-custom-checks.ts'
import { namedEnvironments } from './rules-environments.ts'
import { freezeRules } from './rules-freeze.ts'
import { githubRules } from './rules-github.ts'
import { notificationRules } from './rules-notifications.ts'
import { sharedDirectories, sharedHosts } from './rules-sharing.ts'
import { stepsAt } from './rules-smoke-blocks.ts'
import { smokeRules } from './rules-smoke.ts'
import { variableRules } from './rules-variables.ts'

/**
 * Rules between keys. They read the raw data and step over what has the wrong shape, so that one
 * run reports these problems together with those of the schema.
 */
export function checkRules(data: unknown, resolvePath: (path: string) => string): Problem[] {
  return [
    ...repeatedNames(data),
    ...smokeRules(data),
    ...literalSecrets(data),
    ...verificationWithoutSteps(data),
    ...pathsWithoutUrl(data),
    ...sharedDirectories(data, resolvePath),
    ...sharedHosts(data),
    ...githubRules(data),
    ...namedEnvironments(data),
    ...approvalRules(data),
    ...freezeRules(data),
    ...notificationRules(data),
    ...customCheckRules(data),
    ...variableRules(data),
  ]
}

function repeatedNames(data: unknown): Problem[] {
  const locals = environmentNames(data).map((name) => ['environments', name, 'local'] as const)
  const scopes: Path[][] = [
    [['tests']],
    [['images']],
    [['github', 'tests', 'suites']],
    [['custom_checks']],
    [['notifications']],
    ...locals.map((local) => [
      [...local, 'prepare'],
      [...local, 'activate'],
    ]),
  ]
  const smoke = ['setup', 'basic', 'full', 'teardown'].flatMap((list) => stepsAt(data, list))
  return [
    ...scopes.flatMap((lists) => repeatedIn(lists.flatMap((list) => itemsAt(data, list)))),
    ...repeatedIn(smoke),
  ]
}

function repeatedIn(items: { path: Path; value: unknown }[]): Problem[] {
  const seen = new Set<string>()
  return items.flatMap(({ path, value }) => {
    const name = valueAt(value, ['name'])
    if (typeof name !== 'string') return []
    if (seen.has(name)) {
      return [{ path: [...path, 'name'], message: `is used twice: ${JSON.stringify(name)}` }]
    }
    seen.add(name)
    return []
  })
}

function literalSecrets(data: unknown): Problem[] {
  return environmentNames(data).flatMap((name) => {
    const path = ['environments', name, 'env']
    return entriesAt(data, path)
      .filter(([variable]) => /TOKEN|SECRET|PASSWORD|KEY/i.test(variable))
      .map(([variable]) => ({
        path: [...path, variable],
        message: 'looks like a secret and would be stored in the file: use env_file or pass_env',
      }))
  })
}

// Only what is asked for in so many words: by default, no steps simply means no verification.
function verificationWithoutSteps(data: unknown): Problem[] {
  const basic = itemsAt(data, ['smoke', 'basic']).length
  const full = basic + itemsAt(data, ['smoke', 'full']).length
  return environmentNames(data).flatMap((name) => {
    const path = ['environments', name, 'verify']
    const verify = valueAt(data, path)
    const steps = verify === 'basic' ? basic : verify === 'full' ? full : 1
    if (steps > 0) return []
    return [{ path, message: `is ${String(verify)}, but smoke has no steps to verify with` }]
  })
}

function pathsWithoutUrl(data: unknown): Problem[] {
  return environmentNames(data).flatMap((name) => {
    const path = ['environments', name]
    if (valueAt(data, [...path, 'url']) !== undefined) return []
    const health = entriesAt(data, [...path, 'health']).map(([component]) => ['health', component])
    return [...health, ['version', 'path']]
      .map((key) => [...path, ...key])
      .filter((key) => isPath(valueAt(data, key)))
      .map((key) => ({ path: key, message: `is a path, but environments.${name}.url is not set` }))
  })
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/')
}
