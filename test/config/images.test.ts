import { expect, it } from 'vitest'
import { load, problemsOf, put, useDirectories } from './directory.ts'

const directory = useDirectories()
const minimal = 'project: shop\nenvironments:\n  staging: {}\n  production: {}\n'
const images = (...entries: string[]) =>
  `${minimal}images:\n${entries.map((entry) => `  - { ${entry} }\n`).join('')}`

it('takes images of any registry', async () => {
  const root = directory()
  const places = [
    'ghcr.io/Acme/Clinic_api',
    'docker.io/nginx',
    'localhost:5000/a/b-c/d.e__f',
    'registry:5000/api',
    '10.0.0.7/api',
  ]
  const entries = places.map((image, index) => `name: i${index}, image: "${image}"`)
  put(root, 'gonogo.yaml', images(...entries))
  const { project } = await load(root)
  expect(project.images.map(({ image }) => image)).toEqual(places)
  expect(project.images[0]).toEqual({
    name: 'i0',
    image: 'ghcr.io/Acme/Clinic_api',
    tag: '{{version}}',
    platform: 'linux/amd64',
    require_user: false,
    require_healthcheck: false,
  })
})

it.each([
  ['image: acme/api', 'images[0].image must be a registry and a repository without tag'],
  ['image: nginx', 'images[0].image must be a registry and a repository'],
  ['image: "ghcr.io/acme/api:v1"', 'images[0].image must be a registry and a repository'],
  ['image: "ghcr.io/acme/api@sha256:00"', 'images[0].image must be a registry and a repository'],
  ['image: ghcr.io/acme//api', 'images[0].image must be a registry and a repository'],
  ['image: ghcr.io/../api', 'images[0].image must be a registry and a repository'],
  ['image: "https://ghcr.io/acme/api"', 'images[0].image must be a registry and a repository'],
  ['image: "ghcr.io:99999/api"', 'images[0].image has no port of this number'],
  ['image: ghcr.io/a, tag: "{{branch}}"', 'images[0].tag must be a tag, with {{version}}'],
  ['image: ghcr.io/a, tag: "a:b"', 'images[0].tag must be a tag'],
  ['image: ghcr.io/a, platform: amd64', 'images[0].platform must be such as linux/amd64'],
])('refuses %s', async (entry, problem) => {
  const problems = await problemsOf(directory(), images(`name: api, ${entry}`))
  expect(problems.join('\n')).toContain(problem)
})

it('wants another name for each image', async () => {
  const twice = images('name: api, image: ghcr.io/a', 'name: api, image: ghcr.io/b')
  expect((await problemsOf(directory(), twice)).join('\n')).toContain(
    'images[1].name is used twice: "api"',
  )
})
