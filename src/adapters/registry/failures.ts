import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { Place } from './place.ts'

/** The registry cannot be asked, or its answer cannot be used. */
export function unavailable({ host, origin }: Place, what: string, retryable = true): Failure {
  return new Failure({
    code: 'registry_unavailable',
    message: `${host} ${what}`,
    hint: retryable
      ? `call again; if it stays so, look at it by hand: curl -i ${origin}/v2/`
      : `ask whoever runs ${host}; by hand: curl -i ${origin}/v2/`,
    retryable,
    details: { registry: host },
  })
}

/** An answer with a status that is none of those wanted. */
export function unexpected(
  place: Place,
  status: number,
  retryAfter: string | undefined,
  now: number,
): Failure {
  if (status === 429) return limited(place, retryAfter, now)
  return unavailable(place, `answered ${status} and nothing that can be used`, status >= 500)
}

/** Some registries name no time; these limits are counted in hours there. */
const longestLimitMs = 24 * 60 * 60_000

function limited(place: Place, retryAfter: string | undefined, now: number): Failure {
  const until = limitEnds(retryAfter, now)
  const when = until === null ? '' : ` until ${minuteOf(until)} UTC`
  return new Failure({
    code: 'registry_unavailable',
    message: `${place.host} takes no more requests${when} (429): its limit for this user is reached`,
    hint: `${until === null ? 'wait' : `call again after ${minuteOf(until)} UTC`}, or sign in, which raises the limit: docker login ${place.host}`,
    retryable: true,
    details: { registry: place.host, retry_at: until },
  })
}

/** RFC 9110, section 10.2.3: seconds, or a date. Whole minutes, so that asking twice says the same. */
function limitEnds(retryAfter: string | undefined, now: number): number | null {
  if (retryAfter === undefined) return null
  const at = /^\d+$/.test(retryAfter) ? now + Number(retryAfter) * 1000 : Date.parse(retryAfter)
  if (Number.isNaN(at) || at < now) return null
  return Math.ceil(Math.min(at, now + longestLimitMs) / 60_000) * 60_000
}

function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}

/** The registry wants to know who asks, or does not like who does. `why` says which of them. */
export function notPermitted({ host, name }: Place, why: string): Failure {
  return new Failure({
    code: 'not_permitted',
    message: `${host} does not show ${name}: ${why}`,
    hint: `docker login ${host}, or set GONOGO_REGISTRY_HOST=${host}, GONOGO_REGISTRY_USER and GONOGO_REGISTRY_PASSWORD, for a user who may read it`,
    details: { registry: host },
  })
}

export function unknownImage(place: Place, tag: string): Failure {
  return new Failure({
    code: 'unknown_image',
    message: `${place.host}/${place.name} has no tag ${oneLine(tag)}`,
    hint: 'build and push the image of this commit, or correct images in gonogo.yaml',
    details: { registry: place.host },
  })
}

/** What the tag names is there and is no container image. */
export function noImage(place: Place, tag: string, type: string): Failure {
  return new Failure({
    code: 'unknown_image',
    message: `${place.host}/${place.name}:${oneLine(tag)} is no container image but ${oneLine(type || 'something without a type', 100)}`,
    hint: 'push the image with a current docker, buildah or ko, or correct images in gonogo.yaml',
    details: { registry: place.host },
  })
}
