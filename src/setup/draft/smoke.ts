import { placeOf } from '../survey/facts.ts'
import type { Decisions } from './decide.ts'
import { asComments, comment, flow, guess } from './text.ts'

/** The section `smoke`: active only where there is a path to ask and somebody to ask it. */
export function smokeLines({ health, environments }: Decisions): string[] {
  const api = health.find(({ component }) => component === 'api')
  const step = flow({ name: 'answers', path: api?.path ?? '/', expect: { status: 200 } })
  const lines = ['smoke:', '  basic:', `    - ${step}`]
  const why = ['# Requests that prove a live system works; --test-suite basic runs these.']
  if (!api) {
    return [
      ...why,
      '# No health path was found; choose a path that answers 200:',
      ...asComments(lines),
    ]
  }
  if (!environments.some(({ url }) => url !== null)) {
    const what = `guess: from ${placeOf(api.evidence)}. Uncomment it when an environment has a url:`
    return [...why, comment(what), ...asComments(lines)]
  }
  return [...why, ...lines.slice(0, 2), `${lines[2]} ${guess(api.evidence, '')}`]
}
