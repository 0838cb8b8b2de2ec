/**
 * Writes test/hub/description/github.json: what the stand-in for GitHub checks requests and answers
 * against, cut out of GitHub's own published description. With `--check` nothing is written: a difference
 * is exit code 1. Where the description cannot be had (no network), `--check` still sees a file that was
 * edited by hand.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { operations as wanted } from './github-description/operations.ts'
import {
  asObject,
  trim,
  type Json,
  type JsonObject,
  type Trimmed,
} from './github-description/trim.ts'
import { atVersion } from './github-description/versions.ts'

const run = promisify(execFile)

/** Not a dependency: it unpacks to 391 MB, and only this script reads it. See docs/decisions/012. */
const source = {
  package: '@octokit/openapi',
  version: '23.0.2',
  integrity:
    'sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==',
}
const laterVersion = '2026-03-10'
const server = 'ghes-3.19'
const file = new URL('../test/hub/description/github.json', import.meta.url)

/** What differs from the first description: null for what is not there at all. */
interface Overlay {
  operations: Record<string, JsonObject | null>
  schemas: Record<string, JsonObject | null>
}

async function descriptions(): Promise<{ cloud: JsonObject; ghes: JsonObject }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'github-description-'))
  try {
    const spec = `${source.package}@${source.version}`
    const options = ['--silent', '--fetch-retries=0', '--fetch-timeout=60000']
    await run('npm', ['pack', spec, ...options, '--pack-destination', directory], {
      timeout: 90_000,
    })
    const archive = path.join(directory, `octokit-openapi-${source.version}.tgz`)
    const digest = createHash('sha512').update(await readFile(archive))
    if (`sha512-${digest.digest('base64')}` !== source.integrity) {
      throw new Error(`${spec} is not what it was: its integrity differs`)
    }
    const members = ['api.github.com', server].map((name) => `package/generated/${name}.json`)
    await run('tar', ['-xzf', archive, '-C', directory, ...members], { timeout: 60_000 })
    const [cloud = '', ghes = ''] = await Promise.all(
      members.map((member) => readFile(path.join(directory, member), 'utf8')),
    )
    return { cloud: JSON.parse(cloud) as JsonObject, ghes: JSON.parse(ghes) as JsonObject }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function overlay(base: Trimmed, other: Trimmed): Overlay {
  return {
    operations: differences(base.operations, other.operations),
    schemas: differences(base.schemas, other.schemas),
  }
}

function differences(
  base: Record<string, JsonObject>,
  other: Record<string, JsonObject>,
): Record<string, JsonObject | null> {
  const names = [...new Set([...Object.keys(base), ...Object.keys(other)])]
  return Object.fromEntries(
    names
      .filter((name) => !isDeepStrictEqual(base[name], other[name]))
      .map((name) => [name, other[name] ?? null]),
  )
}

/** One line for each operation and schema: a new version of the description can be read as a diff. */
function textOf(parts: Record<string, Trimmed | Overlay>): string {
  const body = Object.entries(parts)
    .map(([name, { operations, schemas }]) => {
      const lists = Object.entries({ operations, schemas }).map(
        ([list, entries]) => `${JSON.stringify(list)}: {\n${lines(entries)}\n}`,
      )
      return `${JSON.stringify(name)}: {\n${lists.join(',\n')}\n}`
    })
    .join(',\n')
  const { integrity, ...from } = source
  const head = { ...from, integrity, sha256: sha256(body) }
  return `{\n"source": ${JSON.stringify(head)},\n${body}\n}\n`
}

function lines(entries: Record<string, Json>): string {
  return Object.keys(entries)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}: ${JSON.stringify(entries[name])}`)
    .join(',\n')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function generate(): Promise<string> {
  const { cloud, ghes } = await descriptions()
  const base = trim(cloud)
  const misspelt = missingIn(base)
  if (misspelt.length > 0) throw new Error(`GitHub has no such operations: ${misspelt.join(', ')}`)
  return textOf({
    '2022-11-28': base,
    [laterVersion]: overlay(base, trim(atVersion(cloud, laterVersion))),
    [server]: overlay(base, trim(ghes)),
  })
}

function missingIn(base: Trimmed): string[] {
  return Object.entries(wanted)
    .flatMap(([template, methods]) =>
      methods.map((method) => `${method.toUpperCase()} ${template}`),
    )
    .filter((name) => base.operations[name] === undefined)
}

/** Whether the file is as this script wrote it, by the digest it carries. */
function isUntouched(text: string): boolean {
  const head = asObject((JSON.parse(text) as JsonObject)['source'])
  const body = text.split('\n').slice(2, -2).join('\n')
  return (
    head['sha256'] === sha256(body) &&
    head['version'] === source.version &&
    head['integrity'] === source.integrity
  )
}

async function check(): Promise<string | null> {
  const there = await readFile(file, 'utf8')
  if (!isUntouched(there)) return 'was edited by hand, or is of another version'
  try {
    return (await generate()) === there ? null : 'is not what the script writes'
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    console.log(`Could not fetch GitHub's description, so only the digest was checked: ${reason}`)
    return null
  }
}

if (process.argv.includes('--check')) {
  const problem = await check()
  if (problem !== null) {
    console.error(
      `test/hub/description/github.json ${problem}: run node scripts/generate-github-description.ts`,
    )
    process.exitCode = 1
  }
} else {
  await writeFile(file, await generate())
}
