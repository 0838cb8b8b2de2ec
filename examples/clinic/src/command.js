// @ts-check

/** A foreseen reason not to go on. It is shown as one line; every other error keeps its stack. */
export class Refusal extends Error {}

/** @param {() => Promise<number | void> | number | void} run answers the exit code; nothing means 0 */
export async function command(run) {
  try {
    process.exitCode = (await run()) ?? 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    console.error(`clinic: ${error.message}`)
    process.exitCode = 1
  }
}
