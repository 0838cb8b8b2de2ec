import { describe, expect, it } from 'vitest'
import type { ImageRule } from '../../../src/core/image.ts'
import type { Call } from '../../../src/ports/context.ts'
import type { Registry } from '../../../src/ports/registry.ts'
import { dockerImages } from '../../../src/tools/checks/docker-images.ts'
import { makeClient } from '../../adapters/registry/harness.ts'
import { fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { release } from '../../support/fake-ports.ts'
import { startRegistry } from '../../support/registry.ts'

const sha = '1'.repeat(40)

function rule(image: string, changes: Partial<ImageRule> = {}): ImageRule {
  const required = { require_user: false, require_healthcheck: false }
  return {
    name: 'api',
    image,
    tag: '{{version}}',
    platform: 'linux/amd64',
    ...required,
    ...changes,
  }
}

interface Options {
  requirement?: 'required' | 'advisory'
  version?: string
  signal?: AbortSignal
  registry?: Registry
}

/** What the check says of these images of release `v1`, in a world where only the registry is needed. */
async function check(images: ImageRule[], options: Options = {}) {
  const { requirement = 'required', signal = new AbortController().signal } = options
  const { registry = makeClient().registry } = options
  const { checks } = fakeEnvironment('production')
  const environment = fakeEnvironment('production', {
    checks: { ...checks, docker_images: requirement },
  })
  const call = { project: fakeProject({ images }), registry } as unknown as Call
  const of = { ...release('1'), ...(options.version !== undefined && { version: options.version }) }
  const named = { git_ref: 'v1', kind: 'tag' as const, committed_at: '', subject: '' }
  const subject = { environment, release: { ...of, ...named }, allowOlder: false }
  const foreseen = dockerImages.foresee(subject, call)
  const now = {} as Parameters<typeof dockerImages.run>[0]['now']
  return { ...(await dockerImages.run({ ...subject, now }, call, signal)), foreseen }
}

describe('docker_images', () => {
  it('passes when every image is there and was built from the commit, and pins what it saw', async () => {
    const hub = await startRegistry()
    const api = hub.push('acme/api', { revision: sha, created: '2030-01-01T00:00:00Z' }, 'v1')
    const web = hub.pushIndex(
      'acme/web',
      [hub.push('acme/web', { revision: sha.slice(0, 12), user: '1000' })],
      `sha-${sha.slice(0, 7)}`,
    )
    const images = [
      rule(`${hub.host}/acme/api`),
      rule(`${hub.host}/acme/web`, { name: 'web', tag: 'sha-{{short_sha}}', require_user: true }),
    ]
    const { foreseen, ...result } = await check(images)
    expect(result).toMatchObject({
      status: 'passed',
      ran: true,
      message: '2 image(s) built from this commit: api, web',
      planned: {
        images: [
          { name: 'api', reference: `${hub.host}/acme/api:v1`, digest: api.digest },
          { name: 'web', reference: `${hub.host}/acme/web:sha-1111111`, digest: web.digest },
        ],
      },
      details: {
        images: [
          { name: 'api', platforms: ['linux/amd64'], revision: sha, user: '', healthcheck: false },
          { name: 'web', user: '1000' },
        ],
      },
    })
    expect(foreseen.runs).toBe(true)
    expect(foreseen.text).toContain(`GET http://${hub.host}/v2/acme/api/manifests/v1`)
  })

  it('pins another digest once the tag was moved, and says the same otherwise', async () => {
    const hub = await startRegistry()
    hub.push('api', { revision: sha }, 'v1')
    const before = await check([rule(`${hub.host}/api`)])
    hub.push('api', { revision: sha, user: 'other' }, 'v1')
    const after = await check([rule(`${hub.host}/api`)])
    expect(after.message).toBe(before.message)
    expect(after.planned?.images).not.toEqual(before.planned?.images)
  })

  it.each<[string, Partial<ImageRule>, object, string]>([
    ['there is no such tag', { tag: 'v2' }, {}, '/api has no tag v2: build and push the image'],
    [
      'it is for another platform',
      { platform: 'linux/arm64' },
      {},
      'exists for linux/amd64 and not for linux/arm64: build it for linux/arm64',
    ],
    [
      'it does not say what it is for',
      {},
      { platform: '' },
      'exists for no platform and not for linux/amd64: build it',
    ],
    [
      'it was built from another commit',
      {},
      { revision: '2'.repeat(40) },
      'was built from 222222222222, not from 111111111111: build and push it from this commit',
    ],
    [
      'its label is no commit',
      {},
      { revision: `${sha}-dirty\u001b[2J` },
      `was built from ${sha}-dirty, not from`,
    ],
    ['it runs as root', { require_user: true }, { user: '0:0' }, 'runs as root: set USER'],
    [
      'it has no health check',
      { require_healthcheck: true },
      { healthcheck: ['NONE'] },
      'has no health check: add HEALTHCHECK',
    ],
  ])('fails when %s', async (_, changes, image, words) => {
    const hub = await startRegistry()
    hub.push('api', { revision: sha, ...image }, 'v1')
    const result = await check([rule(`${hub.host}/api`, changes)])
    expect(result).toMatchObject({ status: 'failed', ran: true })
    expect(result.message).toMatch(/^api: /)
    expect(result.message).toContain(words)
  })

  it('fails for a version that makes no tag, without asking', async () => {
    const hub = await startRegistry()
    const result = await check([rule(`${hub.host}/api`)], { version: 'release/1.0' })
    expect(result).toMatchObject({
      status: 'failed',
      message:
        'api: release/1.0 is no tag of an image: change its tag ({{version}}) in gonogo.yaml; {{sha}} always makes one',
    })
    expect(hub.seen).toEqual([])
  })

  it('warns when nothing ties the image to the commit, and pins it all the same', async () => {
    const hub = await startRegistry()
    const { digest } = hub.push('api', {}, 'v1')
    const result = await check([rule(`${hub.host}/api`)])
    expect(result).toMatchObject({
      status: 'warning',
      ran: true,
      planned: { images: [{ digest }] },
    })
    expect(result.message).toContain(
      'build it with the label org.opencontainers.image.revision set to the full commit',
    )
  })

  it('is skipped without images', async () => {
    const result = await check([])
    expect(result).toMatchObject({
      status: 'skipped',
      ran: false,
      message: 'not checked: no images are configured (images in gonogo.yaml)',
      foreseen: { runs: false },
    })
  })

  it.each([
    ['required', 'failed'],
    ['advisory', 'warning'],
  ] as const)('that could not run is no pass where it is %s', async (requirement, status) => {
    const hub = await startRegistry()
    hub.push('web', { revision: sha }, 'v1')
    const images = [rule('127.0.0.1:1/api'), rule(`${hub.host}/web`, { name: 'web' })]
    const result = await check(images, { requirement })
    expect(result).toMatchObject({
      status,
      ran: false,
      message:
        'api: 127.0.0.1:1 did not answer: connection refused: call again; if it stays so, look at it by hand: curl -i http://127.0.0.1:1/v2/',
      details: { images: [{ error: 'registry_unavailable' }, { name: 'web' }] },
    })
    expect(result).not.toHaveProperty('planned')
  })

  it('says who has to sign in, and that capitals were lowered', async () => {
    const hub = await startRegistry()
    hub.access = { kind: 'basic', login: 'ada:word' }
    const { message } = await check([rule(`${hub.host}/Acme/API`)])
    expect(message).toContain(`${hub.host} does not show acme/api: it wants a login`)
    expect(message).toContain(`(${hub.host}/Acme/API in lower case, as registries want it)`)
    expect(message).toContain(`docker login ${hub.host}`)
  })

  it('ends when its time is over', async () => {
    const hub = await startRegistry()
    hub.fault = () => 'silent'
    const result = await check([rule(`${hub.host}/api`)], { signal: AbortSignal.timeout(50) })
    expect(result).toMatchObject({ status: 'failed', ran: false })
    expect(result.message).toContain('the time was over before the registry')
  })

  it('asks for all images at once', async () => {
    const names = ['a', 'b', 'c', 'd']
    const { promise: all, resolve } = Promise.withResolvers<void>()
    const asked: string[] = []
    const inspect: Registry['inspect'] = async ({ image }) => {
      if (asked.push(image) === names.length) resolve()
      await all
      const config = { created: null, revision: sha, user: '', healthcheck: false }
      return { digest: 'sha256:0', manifest: 'sha256:0', platforms: ['linux/amd64'], config }
    }
    const images = names.map((name) => rule(`registry.example/${name}`, { name }))
    expect((await check(images, { registry: { inspect, describe: () => '' } })).status).toBe(
      'passed',
    )
  })
})
