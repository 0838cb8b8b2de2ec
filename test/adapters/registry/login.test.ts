import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readChallenges } from '../../../src/adapters/registry/challenge.ts'
import { startRegistry } from '../../support/registry.ts'
import { makeClient, refusalOf } from './harness.ts'

const secret = 's3cret-of-ada'
const login = `ada:${secret}`
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A private image, behind a token service or a plain password. */
async function privateImage(kind: 'token' | 'basic' = 'token') {
  const hub = await startRegistry()
  const { digest } = hub.push('acme/api', {}, 'v1')
  hub.access = { kind, login }
  return { hub, digest, image: `${hub.host}/acme/api` }
}

function writeDockerConfig(home: string, config: object | string): void {
  mkdirSync(join(home, '.docker'))
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  writeFileSync(join(home, '.docker/config.json'), text)
}

/** A real program on the PATH of that user. */
function writeHelper(home: string, name: string, script: string): void {
  mkdirSync(join(home, 'bin'), { recursive: true })
  writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(home, 'bin', name), 0o755)
}

function environmentLogin(host: string) {
  return {
    GONOGO_REGISTRY_HOST: host,
    GONOGO_REGISTRY_USER: 'ada',
    GONOGO_REGISTRY_PASSWORD: secret,
  }
}

describe('a public image', () => {
  it('needs no login, and a token for strangers where the registry wants one', async () => {
    const { hub, digest, image } = await privateImage()
    hub.access.login = null
    const { inspect, home } = makeClient()
    writeHelper(home, 'docker-credential-keys', `touch "${home}/asked"`)
    expect(await inspect(image)).toMatchObject({ digest })
    expect(hub.tokens).toMatchObject([{ authorization: undefined, method: 'GET' }])
    hub.access.kind = 'open'
    writeDockerConfig(home, { credsStore: 'keys' })
    expect(await inspect(image)).toMatchObject({ digest })
    expect(existsSync(join(home, 'asked'))).toBe(false)
  })
})

describe('a login of the environment', () => {
  it('gets a token for reading this one repository, whatever the registry proposes', async () => {
    const { hub, digest, image } = await privateImage()
    const { inspect } = makeClient(environmentLogin(hub.host))
    expect(await inspect(image)).toMatchObject({ digest })
    expect(hub.tokens).toEqual([
      {
        query: { service: 'stand-in', scope: 'repository:acme/api:pull' },
        authorization: `Basic ${base64(login)}`,
        method: 'GET',
      },
    ])
    // The password went to the token service, and the token is asked for once.
    expect(hub.seen.map(({ authorization }) => authorization?.split(' ')[0])).toEqual([
      undefined,
      'Bearer',
      'Bearer',
    ])
  })

  it('is sent itself where the registry wants that', async () => {
    const { hub, digest, image } = await privateImage('basic')
    expect(await makeClient(environmentLogin(hub.host)).inspect(image)).toMatchObject({ digest })
    expect(hub.tokens).toEqual([])
  })

  it('is never sent to another registry', async () => {
    const { hub, image } = await privateImage('basic')
    const { inspect } = makeClient(environmentLogin('registry.example'))
    const { code, text } = await refusalOf(inspect(image))
    expect(code).toBe('not_permitted')
    expect(text).toContain(`docker login ${hub.host}`)
    expect(hub.seen).toMatchObject([{ authorization: undefined }])
  })

  it('never is GITHUB_TOKEN', async () => {
    const { hub, image } = await privateImage()
    const { inspect } = makeClient({ GITHUB_TOKEN: secret, GITHUB_REPOSITORY: 'acme/api' })
    expect((await refusalOf(inspect(image))).code).toBe('not_permitted')
    expect(JSON.stringify([hub.seen, hub.tokens])).not.toContain(base64(secret).slice(0, 12))
  })

  it('has to be complete', async () => {
    const { image } = await privateImage()
    const { inspect } = makeClient({ GONOGO_REGISTRY_PASSWORD: secret })
    const { code, message, text } = await refusalOf(inspect(image))
    expect(code).toBe('invalid_configuration')
    expect(message).toContain('GONOGO_REGISTRY_HOST and GONOGO_REGISTRY_USER is not set')
    expect(text).not.toContain(secret)
  })
})

describe('what docker login left behind', () => {
  it('is found in its file', async () => {
    const { hub, digest, image } = await privateImage()
    const { inspect, home } = makeClient()
    writeDockerConfig(home, {
      auths: {
        'registry.example': { auth: base64('eve:other') },
        [`https://${hub.host}/v1/`]: { auth: base64(login) },
      },
    })
    expect(await inspect(image)).toMatchObject({ digest })
  })

  it('is found where DOCKER_CONFIG says', async () => {
    const { hub, digest, image } = await privateImage()
    const elsewhere = makeClient().home
    writeFileSync(
      join(elsewhere, 'config.json'),
      JSON.stringify({ auths: { [hub.host]: { auth: base64(login) } } }),
    )
    expect(await makeClient({ DOCKER_CONFIG: elsewhere }).inspect(image)).toMatchObject({ digest })
  })

  it.each(['credHelpers', 'credsStore'])('is asked of a helper program (%s)', async (key) => {
    const { hub, digest, image } = await privateImage()
    const { inspect, home } = makeClient({ GONOGO_ADMIN: 'x', AWS_PROFILE: 'ops' })
    writeHelper(
      home,
      'docker-credential-keys',
      `printf '%s ' "$1" > "${home}/asked"; cat >> "${home}/asked"; env > "${home}/env"
       echo '{"ServerURL":"x","Username":"ada","Secret":"${secret}"}'`,
    )
    const auths = { [hub.host]: {} }
    writeDockerConfig(home, {
      auths,
      [key]: key === 'credsStore' ? 'keys' : { [hub.host]: 'keys' },
    })
    expect(await inspect(image)).toMatchObject({ digest })
    expect(readFileSync(join(home, 'asked'), 'utf8')).toBe(`get ${hub.host}\n`)
    const env = readFileSync(join(home, 'env'), 'utf8')
    expect(env).toContain('AWS_PROFILE=ops')
    expect(env).not.toContain('GONOGO_ADMIN')
  })

  it('may be an identity token, which is only shown to the token service', async () => {
    const { hub, digest, image } = await privateImage()
    hub.access.identity = 'identity-of-ada'
    const { inspect, home } = makeClient()
    const entry = { auth: base64('00000000:'), identitytoken: 'identity-of-ada' }
    writeDockerConfig(home, { auths: { [hub.host]: entry } })
    expect(await inspect(image)).toMatchObject({ digest })
    expect(hub.tokens).toMatchObject([
      {
        method: 'POST',
        authorization: undefined,
        query: { grant_type: 'refresh_token', scope: 'repository:acme/api:pull' },
      },
    ])
    writeHelper(
      home,
      'docker-credential-keys',
      `echo '{"Username":"<token>","Secret":"identity-of-ada"}'`,
    )
    writeFileSync(join(home, '.docker/config.json'), '{"credsStore":"keys"}')
    expect(await inspect(image)).toMatchObject({ digest })
    hub.access = { kind: 'basic', login }
    expect((await refusalOf(inspect(image))).message).toContain('has an identity token')
  })

  it.each<[string, object | string | null, string]>([
    ['nobody signed in', null, 'nobody is signed in: there is no '],
    ['another registry', { auths: { 'x.example': {} } }, 'has no login for '],
    ['an empty entry', { auths: { HOST: { auth: '' } } }, 'has no login for '],
    ['no JSON', '{', 'is not a configuration of Docker'],
    [
      'a helper that is not there',
      { credsStore: 'gone' },
      'docker-credential-gone is not on the PATH',
    ],
    ['a helper that fails', { credsStore: 'bad' }, 'docker-credential-bad gave no login for'],
    [
      'a helper that babbles',
      { credsStore: 'odd' },
      'docker-credential-odd answered with something',
    ],
    ['a path for a helper', { credsStore: '../bin/x' }, 'is no name of a program'],
  ])('is missed by name: %s', async (_, config, words) => {
    const { hub, image } = await privateImage()
    const { inspect, home } = makeClient()
    writeHelper(home, 'docker-credential-bad', `echo ${secret}; echo ${secret} >&2; exit 1`)
    writeHelper(home, 'docker-credential-odd', `echo ${secret}`)
    const text = JSON.stringify(config).replaceAll('HOST', hub.host)
    if (config !== null) writeDockerConfig(home, config === '{' ? '{' : text)
    const refusal = await refusalOf(inspect(image))
    expect(refusal).toMatchObject({
      code: 'not_permitted',
      message: expect.stringContaining(words),
    })
    expect(refusal.hint).toContain(
      `docker login ${hub.host}, or set GONOGO_REGISTRY_HOST=${hub.host}`,
    )
    expect(refusal.text).not.toContain(secret)
  })
})

describe('a login that is refused', () => {
  it('by the token service is told with where it is from, never with itself', async () => {
    const { hub, image } = await privateImage()
    hub.access.login = 'ada:another'
    const { code, message, text } = await refusalOf(
      makeClient(environmentLogin(hub.host)).inspect(image),
    )
    expect(code).toBe('not_permitted')
    expect(message).toContain('refuses the login from GONOGO_REGISTRY_USER (401)')
    expect(text).not.toMatch(new RegExp(`${secret}|${base64(login)}`))
  })

  it('by a registry without a token service is told in the same way', async () => {
    const { hub, image } = await privateImage('basic')
    hub.access.login = 'ada:another'
    const { code, message } = await refusalOf(makeClient(environmentLogin(hub.host)).inspect(image))
    expect(code).toBe('not_permitted')
    expect(message).toContain('it does not accept the login from GONOGO_REGISTRY_USER (401)')
  })

  it('by the registry is told so, too', async () => {
    const { hub, image } = await privateImage()
    hub.fault = (path, count) =>
      path.includes('/manifests/') && count > 1 ? { status: 403 } : undefined
    expect(await refusalOf(makeClient(environmentLogin(hub.host)).inspect(image))).toMatchObject({
      code: 'not_permitted',
      message: `${hub.host} does not show acme/api: it is not there, or the login from GONOGO_REGISTRY_USER may not read it (403)`,
    })
  })
})

describe('a token service', () => {
  it.each([
    ['http://tokens.example/token', 'which is not HTTPS'],
    ['https://169.254.169.254/latest/meta-data', 'which is an address of a cloud metadata service'],
    ['tokens', 'names tokens as its token service, which is no address'],
    ['', 'which is no address'],
  ])('at %s gets nothing', async (realm, words) => {
    const { hub, image } = await privateImage()
    hub.realm = realm
    const refusal = await refusalOf(makeClient(environmentLogin(hub.host)).inspect(image))
    expect(refusal).toMatchObject({
      code: 'registry_unavailable',
      message: expect.stringContaining(words),
    })
    expect(hub.tokens).toEqual([])
  })

  it.each([
    ['', 'gave no token'],
    ['{"token":"a b"}', 'gave no token'],
    ['{"token":7}', 'gave no token'],
  ])('that answers %s is told', async (body, words) => {
    const { hub, image } = await privateImage()
    hub.fault = (path) => (path === '/token' ? { status: 200, body } : undefined)
    expect((await refusalOf(makeClient().inspect(image))).message).toContain(words)
  })

  it('may limit requests, too', async () => {
    const { hub, image } = await privateImage()
    const headers = { 'retry-after': '60' }
    hub.fault = (path) => (path === '/token' ? { status: 429, headers } : undefined)
    expect((await refusalOf(makeClient().inspect(image))).message).toContain(
      'until 2030-01-01 12:01',
    )
  })

  it('is not asked when the registry wants something unknown', async () => {
    const { hub, image } = await privateImage()
    const headers = { 'www-authenticate': 'Negotiate' }
    hub.fault = () => ({ status: 401, headers })
    expect((await refusalOf(makeClient().inspect(image))).message).toContain('does not know (401)')
  })
})

describe('challenges', () => {
  it('are read one by one, quotes, commas and all', () => {
    const header =
      'Negotiate, Basic realm="a, \\"b\\"", BEARER Realm="https://t/x?y=1",service=s , scope="r:a/b:pull,push"'
    expect(readChallenges(header)).toEqual([
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a, "b"' } },
      {
        scheme: 'bearer',
        parameters: { realm: 'https://t/x?y=1', service: 's', scope: 'r:a/b:pull,push' },
      },
    ])
    expect(readChallenges('=,, "="')).toEqual([])
  })
})
