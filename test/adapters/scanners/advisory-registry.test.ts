import { expect, test } from 'vitest'
import {
  lodashPrototypePollution,
  startAdvisoryRegistry,
} from '../../../examples/advisory-registry.ts'

test.each([
  ['>=3.7.0 <4.17.19', ['3.7.0', '4.17.18'], ['3.6.9', '4.17.19', '5.0.0']],
  ['<1.0.0 || >=2.0.0 <=2.1.0', ['0.9.0', '2.0.0', '2.1.0'], ['1.5.0', '2.1.1']],
  ['1.2.3', ['1.2.3'], ['1.2.4']],
  ['*', ['0.0.1'], []],
])('the stand-in registry matches versions with %s', async (range, vulnerable, safe) => {
  const advisory = { ...lodashPrototypePollution, vulnerable_versions: range }
  const registry = await startAdvisoryRegistry([advisory])
  const ask = async (version: string) => {
    const body = JSON.stringify({ lodash: [version] })
    const url = `${registry.url}-/npm/v1/security/advisories/bulk`
    return (await (await fetch(url, { method: 'POST', body })).json()) as object
  }
  for (const version of vulnerable) expect(await ask(version)).toEqual({ lodash: [advisory] })
  for (const version of safe) expect(await ask(version)).toEqual({})
  await registry.close()
})
