import { describe, expect, it } from 'vitest'
import { descriptorOf, startRegistry, types } from '../../support/registry.ts'
import { makeClient } from './harness.ts'

const sha = 'a'.repeat(40)

describe('what a tag names', () => {
  it('is one image, with what its configuration says', async () => {
    const hub = await startRegistry()
    const created = '2030-01-01T08:00:00.5Z'
    const healthcheck = ['CMD', 'curl', '-f', 'http://localhost/health']
    const image = { revision: sha, user: 'app:app', healthcheck, created }
    const { digest } = hub.push('acme/api', image, 'v1')
    expect(await makeClient().inspect(`${hub.host}/acme/api`)).toEqual({
      digest,
      manifest: digest,
      platforms: ['linux/amd64'],
      config: { created, revision: sha, user: 'app:app', healthcheck: true },
    })
    expect(hub.seen.map(({ path }) => path.split('/')[4])).toEqual(['manifests', 'blobs'])
  })

  it('is read in the types of Docker, too', async () => {
    const hub = await startRegistry()
    const { digest } = hub.push('api', { docker: true, healthcheck: ['NONE'] }, 'v1')
    const config = { created: null, revision: null, user: '', healthcheck: false }
    expect(await makeClient().inspect(`${hub.host}/api`)).toMatchObject({ digest, config })
  })

  it('is an index, whose own digest is pinned, and the image of the wanted platform', async () => {
    const hub = await startRegistry()
    const arm = hub.push('api', { platform: 'linux/arm64/v8', user: 'arm' })
    const intel = hub.push('api', { platform: 'linux/amd64', user: 'intel' })
    const plain = descriptorOf(hub.push('api', {}))
    const nowhere = { ...plain, platform: { os: 'unknown', architecture: 'unknown' } }
    const attested = {
      ...plain,
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    }
    const foreign = { mediaType: 'application/vnd.acme+json', digest: 'blake3:00', size: 1 }
    const { digest } = hub.pushIndex('api', [arm, attested, nowhere, foreign, intel], 'v1')
    const { inspect } = makeClient()
    const facts = { digest, platforms: ['linux/arm64', 'linux/amd64'] }
    expect(await inspect(`${hub.host}/api`, 'v1', 'linux/amd64')).toMatchObject({
      ...facts,
      manifest: intel.digest,
      config: { user: 'intel' },
    })
    expect(await inspect(`${hub.host}/api`, 'v1', 'linux/arm64')).toMatchObject({
      ...facts,
      manifest: arm.digest,
      config: { user: 'arm' },
    })
  })

  it.each([
    ['linux/arm/v6', 'linux/arm', null],
    ['linux/arm/v7', 'linux/arm', 'linux/arm/v7'],
    ['linux/arm64', 'linux/arm64/v8', 'linux/arm64'],
    ['linux/amd64/v3', 'linux/amd64', null],
    ['windows/amd64', 'linux/amd64', null],
  ])('for %s is no image for %s by mistake', async (platform, wanted, found) => {
    const hub = await startRegistry()
    hub.push('one', { platform }, 'v1')
    hub.pushIndex('several', [hub.push('several', { platform })], 'v1')
    const { inspect } = makeClient()
    for (const name of ['one', 'several']) {
      const { manifest, platforms } = await inspect(`${hub.host}/${name}`, 'v1', wanted)
      expect(manifest === null ? null : platforms[0]).toBe(found)
    }
  })

  it('may say its commit beside the image instead of in it', async () => {
    const hub = await startRegistry()
    const annotations = { 'org.opencontainers.image.revision': sha }
    hub.push('manifest', { annotations }, 'v1')
    const plain = hub.push('index', {})
    hub.pushIndex('index', [plain], 'v1', { annotations, mediaType: types.list })
    hub.push('both', { annotations, revision: 'b'.repeat(40) }, 'v1')
    const { inspect } = makeClient()
    const revisions = await Promise.all(
      ['manifest', 'index', 'both'].map(async (name) => {
        return (await inspect(`${hub.host}/${name}`)).config?.revision
      }),
    )
    expect(revisions).toEqual([sha, sha, 'b'.repeat(40)])
  })

  it('changes its digest when the tag is moved', async () => {
    const hub = await startRegistry()
    const { inspect } = makeClient()
    hub.push('api', { revision: sha }, 'v1')
    const before = await inspect(`${hub.host}/api`)
    hub.push('api', { revision: sha, user: 'mallory' }, 'v1')
    const after = await inspect(`${hub.host}/api`)
    expect(after.digest).not.toBe(before.digest)
    expect(after.config?.user).toBe('mallory')
  })

  it('is found under a name with capitals, as variables of workflows have it', async () => {
    const hub = await startRegistry()
    const { digest } = hub.push('acme/clinic', {}, 'V1')
    const { inspect, registry } = makeClient()
    expect(await inspect(`${hub.host}/Acme/Clinic`, 'V1')).toMatchObject({ digest })
    expect(registry.describe({ image: `${hub.host}/Acme/Clinic`, tag: 'V1' })).toBe(
      `GET http://${hub.host}/v2/acme/clinic/manifests/V1`,
    )
  })
})
