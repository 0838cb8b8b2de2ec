import { screen } from './screen.ts'

/** The demo promised something else than what happened. */
export class Mismatch extends Error {}

/** Proves what the screen announced; the demo ends with an error if it is not so. */
export function expect(condition: boolean, announced: string, found: unknown): void {
  if (!condition) {
    throw new Mismatch(`announced: ${announced}\nfound: ${JSON.stringify(found, null, 2)}`)
  }
  screen.proven(announced)
}
