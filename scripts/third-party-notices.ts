/**
 * Writes dist/THIRD_PARTY_NOTICES.txt: the licences of everything the bundle contains. What that is, is
 * asked of the bundler itself, so that a dependency of a dependency cannot be forgotten. Fails for a
 * licence nobody has looked at, and for a package whose licence text is not at hand.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown, type RolldownOptions } from 'rolldown'
import bundles from '../rolldown.config.ts'

interface Notice {
  name: string
  version: string
  licence: string
  text: string
}

const root = fileURLToPath(new URL('..', import.meta.url))
const target = process.argv[2] ?? join(root, 'dist/THIRD_PARTY_NOTICES.txt')

/** Licences that let their code be part of an Apache-2.0 package, given that they are passed on. */
const acceptable = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause'])

/**
 * Packages that others carry inside their own files, without saying so in their manifests. Their
 * licence texts are in scripts/licences. A marker `#region` that names another one is an error below.
 */
const carried: Record<string, Record<string, string>> = {
  '@modelcontextprotocol/server': {
    'content-type': 'MIT',
  },
  '@secretlint/secretlint-rule-preset-recommend': {
    '@textlint/regexp-string-matcher': 'MIT',
    'escape-string-regexp': 'MIT',
    'lodash.sortby': 'MIT',
    'lodash.uniq': 'MIT',
    'lodash.uniqwith': 'MIT',
  },
}

/** The files of dependencies whose code is in the bundle, by the directory of their package. */
async function bundledModules(): Promise<Map<string, string[]>> {
  const modules = new Map<string, string[]>()
  for (const bundle of bundles) {
    for (const file of await moduleIds(bundle)) {
      const directory = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
      if (directory === undefined) continue
      const path = file.replace(/^\0/, '').replace(/\?.*$/, '')
      modules.set(directory, [...(modules.get(directory) ?? []), path])
    }
  }
  return modules
}

async function moduleIds(bundle: RolldownOptions): Promise<string[]> {
  const build = await rolldown({ ...bundle, cwd: root })
  const { output } = await build.generate({ format: 'esm' })
  await build.close()
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
}

async function noticeOf(directory: string): Promise<Notice> {
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
  const { name, version, license } = manifest as { name: string; version: string; license: string }
  const files = (await readdir(directory)).filter((file) => /^(?:licen[cs]e|notice)/i.test(file))
  if (files.length === 0) return { name, version, licence: license, text: await ownCopy(name) }
  const texts = await Promise.all(files.toSorted().map((file) => readFile(join(directory, file))))
  return { name, version, licence: license, text: texts.join('\n') }
}

/** Some packages leave their licence out of what they publish. */
async function ownCopy(name: string): Promise<string> {
  const file = join(root, 'scripts/licences', `${name.replace('/', '+')}.txt`)
  return await readFile(file, 'utf8').catch(() => {
    throw new Error(`${name} comes without a licence text: put it into ${file}`)
  })
}

async function carriedBy(carrier: Notice): Promise<Notice[]> {
  const entries = Object.entries(carried[carrier.name] ?? {})
  return Promise.all(
    entries.map(async ([name, licence]) => {
      const version = `carried by ${carrier.name} ${carrier.version}`
      return { name, version, licence, text: await ownCopy(name) }
    }),
  )
}

/** Packages that a bundler's markers in these files name, other than the one the files belong to. */
async function markedIn(files: readonly string[]): Promise<Set<string>> {
  const names = new Set<string>()
  for (const file of files) {
    const marks = (await readFile(file, 'utf8')).matchAll(/#region \S*node_modules\/(\S+)/g)
    for (const [, path = ''] of marks) {
      const own = path.split('node_modules/').at(-1)!
      names.add(/^(?:@[^/]+\/)?[^/]+/.exec(own)?.[0] ?? own)
    }
  }
  return names
}

async function collect(): Promise<Notice[]> {
  const notices: Notice[] = []
  for (const [directory, files] of await bundledModules()) {
    const notice = await noticeOf(directory)
    const inside = await carriedBy(notice)
    const known = new Set(inside.map(({ name }) => name))
    const unknown = [...(await markedIn(files))].filter((name) => !known.has(name))
    if (unknown.length > 0) throw new Error(`${notice.name} also carries ${unknown.join(', ')}`)
    notices.push(notice, ...inside)
  }
  const strange = notices.filter(({ licence }) => !acceptable.has(licence))
  if (strange.length === 0) return notices
  const list = strange.map(({ name, licence }) => `${name} (${licence})`).join(', ')
  throw new Error(`look at these licences, then add them to the acceptable ones: ${list}`)
}

function render(notices: readonly Notice[]): string {
  const sorted = notices.toSorted((left, right) => left.name.localeCompare(right.name, 'en'))
  const parts = sorted.map(
    ({ name, version, licence, text }) =>
      `${'#'.repeat(78)}\n${name}, ${version}, ${licence}\n${'#'.repeat(78)}\n\n${text.trim()}\n`,
  )
  return `gonogo contains code of the following packages.\n\n${parts.join('\n')}`
}

const notices = await collect()
await mkdir(dirname(target), { recursive: true })
await writeFile(target, render(notices))
process.stdout.write(`${notices.length} packages in ${target}\n`)
