import type { TestReport } from '../../core/test-report.ts'
import { oneLine } from '../../core/text.ts'
import { createCounter } from './counter.ts'

/** What one file turned out to be. */
export type Document =
  | { kind: 'report'; report: TestReport }
  /** XML that is no test report. */
  | { kind: 'other'; root: string }
  | { kind: 'broken'; problem: string }

/** Bytes of all files of one reading. */
export interface Budget {
  most: number
  left: number
}

const deepest = 200

/**
 * Reads a file piece by piece. Entities are never defined by it: a document type is refused, and with it
 * what such files do to readers (other files, other hosts, texts that grow without end).
 */
export async function readDocument(
  content: AsyncIterable<Uint8Array>,
  budget: Budget,
): Promise<Document> {
  const reader = await createReader()
  const decoder = new TextDecoder()
  for await (const piece of content) {
    budget.left -= piece.length
    if (budget.left < 0) return broken(`is too large: at most ${budget.most} bytes are read`)
    const problem = reader.write(decoder.decode(piece, { stream: true }))
    if (problem !== null) return broken(problem)
  }
  const problem = reader.write(decoder.decode()) ?? reader.end()
  return problem === null ? reader.document() : broken(problem)
}

function broken(problem: string): Document {
  return { kind: 'broken', problem }
}

interface Reader {
  /** Why it is no XML that is read here, or null. */
  write(text: string): string | null
  end(): string | null
  document(): Document
}

async function createReader(): Promise<Reader> {
  const { SaxesParser } = await import('saxes')
  const parser = new SaxesParser({ xmlns: false })
  const counter = createCounter()
  const state = { root: '', depth: 0, refused: null as string | null }
  parser.on('error', ({ message }) => {
    state.refused ??= `is no XML: ${oneLine(message, 120)}`
  })
  parser.on('doctype', () => {
    state.refused ??= 'has a document type, which is not read'
  })
  parser.on('opentag', ({ name, attributes }) => {
    state.depth += 1
    if (state.depth === 1) state.root = name
    if (state.depth > deepest) state.refused ??= `is nested deeper than ${deepest}`
    counter.open(name, attributes)
  })
  const text = (part: string) => counter.text(part)
  parser.on('text', text)
  parser.on('cdata', text)
  parser.on('closetag', ({ name }) => {
    state.depth -= 1
    counter.close(name)
  })
  return {
    write(part) {
      if (state.refused === null && part !== '') parser.write(part)
      return state.refused
    },
    end() {
      parser.close()
      return state.refused
    },
    document: () =>
      /^testsuites?$/.test(state.root)
        ? { kind: 'report', report: counter.report() }
        : { kind: 'other', root: state.root },
  }
}
