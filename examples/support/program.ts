import { parseArgs } from 'node:util'
import { Failure } from 'gonogo'
import { screen } from './screen.ts'

/** What an example was started with. */
export interface Start {
  project: string
  /** The one word behind the flags. */
  word: string
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

/** Runs an example to its exit code: 0 done, 1 no-go or failed, 2 usage, 5 ended badly, 130 Ctrl-C. */
export async function run(usage: string, work: (start: Start) => Promise<number>): Promise<void> {
  const given = argumentsOf(usage)
  if (given === null) return
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  process.once('SIGINT', interrupt)
  try {
    process.exitCode = await work({ ...given, signal: interrupted.signal })
  } catch (error) {
    process.exitCode = tell(error)
  } finally {
    process.off('SIGINT', interrupt)
  }
}

function argumentsOf(usage: string): Omit<Start, 'signal'> | null {
  try {
    const options = { project: { type: 'string', default: '.' } } as const
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const [word, ...others] = positionals
    if (word !== undefined && others.length === 0) return { project: values.project, word }
  } catch {
    // Told below, as every other misuse.
  }
  process.stderr.write(`usage: ${usage}\n`)
  process.exitCode = 2
  return null
}

/** A failure says itself what to do next; anything else is a mistake of the example. */
function tell(error: unknown): number {
  if (!(error instanceof Failure)) throw error
  screen.bad(`${error.code}: ${error.message}`)
  screen.ask(error.hint)
  if (error.code === 'interrupted') return 130
  return error.code === 'invalid_input' || error.code === 'invalid_configuration' ? 2 : 1
}
