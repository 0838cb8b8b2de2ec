import { join } from 'node:path'
import type { Runtime } from '../../../ports/runtime.ts'
import { alone } from '../client/cache.ts'
import { createFile, keepNewest, readText, replaceFile } from '../files.ts'

/**
 * The ends of logs that will not change any more. Each download is a request that GitHub counts, and
 * everybody who watches a deployment wants the same lines.
 */
export interface LogCache {
  read(key: string): Promise<string[] | null>
  write(key: string, lines: readonly string[]): Promise<void>
  /** Why it could not be read the last time, and when that was; null when it never failed. */
  readMiss(key: string): Promise<Miss | null>
  writeMiss(key: string, miss: Miss): Promise<void>
  /** One process at a time downloads the same: those that wait find what it kept. */
  alone<T>(key: string, work: () => Promise<T>): Promise<T>
}

export interface Miss {
  problem: string
  lines: string[]
  /** Milliseconds since the epoch. */
  at: number
}

const mostFiles = 64

export function createLogCache(directory: string, runtime: Pick<Runtime, 'id'>): LogCache {
  const nameOf = (key: string) => join(directory, key.replaceAll(/[^\w-]/g, '_'))
  const pathOf = (key: string) => `${nameOf(key)}.json`
  const missOf = (key: string) => `${nameOf(key)}.miss`
  return {
    read: async (key) => parse(await readText(pathOf(key))),
    async write(key, lines) {
      await createFile(pathOf(key), JSON.stringify(lines), runtime.id('tmp'))
      await keepNewest(directory, mostFiles)
    },
    readMiss: async (key) => parseMiss(await readText(missOf(key))),
    async writeMiss(key, miss) {
      await replaceFile(missOf(key), JSON.stringify(miss), runtime.id('tmp'))
      await keepNewest(directory, mostFiles)
    },
    alone: (key, work) => alone(`${nameOf(key)}.lock`, work),
  }
}

function parseMiss(text: string | null): Miss | null {
  try {
    const { problem, lines, at } = JSON.parse(text ?? 'null') as Partial<Miss>
    if (typeof problem !== 'string' || !Array.isArray(lines) || typeof at !== 'number') return null
    return { problem, lines: lines.map(String), at }
  } catch {
    return null
  }
}

/** A file that is damaged is one that is not there. */
function parse(text: string | null): string[] | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return Array.isArray(value) ? value.map(String) : null
  } catch {
    return null
  }
}
