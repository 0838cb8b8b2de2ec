import {
  couldNotRun,
  failed,
  passed,
  skipped,
  warned,
  type Check,
  type Requirement,
} from '../../core/check.ts'
import type { PinnedImage } from '../../core/image.ts'
import type { Environment } from '../../core/project.ts'
import { placesOf, lookAt, type Looked } from '../support/images.ts'
import { byPolicy, type CheckRunner } from './check-runner.ts'

const name = 'docker_images'

/** Every image of the release is in its registry, for the right platform, and was built from the commit. */
export const dockerImages: CheckRunner = {
  name,
  requirement: byPolicy(name),
  foresee({ release }, call) {
    const { images } = call.project
    if (images.length === 0) return { runs: false, text: `do nothing: ${notConfigured}` }
    return { runs: true, text: placesOf(images, release, call.registry).join('; ') }
  },
  async run({ environment, release }, call, signal) {
    const { images } = call.project
    if (images.length === 0) return skipped(name, `not checked: ${notConfigured}`)
    const all = await Promise.all(
      images.map((image) => lookAt(image, { release, registry: call.registry, signal })),
    )
    return verdict(all, requirementOf(environment))
  },
}

const notConfigured = 'no images are configured (images in gonogo.yaml)'

function requirementOf({ checks }: Environment): Requirement {
  return checks.docker_images
}

/** What is wrong comes before what could not be seen, and that before what should be looked at. */
function verdict(all: readonly Looked[], requirement: Requirement): Check {
  const of = (kind: 'wrong' | 'unseen' | 'doubts') => all.flatMap((looked) => looked[kind])
  const [wrong, unseen, doubts] = [of('wrong'), of('unseen'), of('doubts')]
  const details = { images: all.map(({ evidence }) => evidence) }
  if (wrong.length > 0) {
    return pinned(failed(name, [...wrong, ...unseen].join('; '), details), all)
  }
  if (unseen.length > 0) {
    return { ...couldNotRun(name, requirement, unseen.join('; ')), details }
  }
  if (doubts.length > 0) return pinned(warned(name, doubts.join('; '), details), all)
  const names = all.map(({ evidence }) => evidence.name).join(', ')
  return pinned(
    passed(name, `${all.length} image(s) built from this commit: ${names}`, details),
    all,
  )
}

function pinned(check: Check, all: readonly Looked[]): Check {
  const images = all.flatMap(({ image }): PinnedImage[] => (image === null ? [] : [image]))
  return images.length === 0 ? check : { ...check, planned: { images } }
}
