import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const repository = join(import.meta.dirname, '..')
const source = join(repository, 'src')

/** What each room may import besides itself: other rooms, and packages. `any`: its own library. */
const rooms: Record<string, { rooms: string[]; packages: string[] | 'any' }> = {
  core: { rooms: [], packages: [] },
  ports: { rooms: ['core'], packages: [] },
  tools: { rooms: ['core', 'ports'], packages: ['zod'] },
  desk: { rooms: ['core', 'ports', 'tools'], packages: ['zod'] },
  workers: { rooms: ['core', 'ports', 'tools'], packages: [] },
  adapters: { rooms: ['core', 'ports'], packages: 'any' },
  config: { rooms: ['core'], packages: ['zod', 'yaml', 'node:fs', 'node:fs/promises'] },
  mcp: {
    rooms: ['core', 'ports', 'tools'],
    packages: ['zod', '@modelcontextprotocol/server', 'node:fs', 'node:fs/promises'],
  },
  setup: {
    rooms: ['core', 'ports'],
    packages: ['yaml', 'jsonc-parser', 'smol-toml', 'diff', 'node:fs', 'node:fs/promises'],
  },
  doctor: { rooms: ['core', 'ports', 'tools'], packages: ['node:fs', 'node:fs/promises'] },
  cli: {
    rooms: ['core', 'ports', 'tools', 'desk', 'config', 'setup', 'doctor'],
    packages: ['zod', 'commander', 'node:fs', 'node:fs/promises'],
  },
}

const packages = [
  'zod',
  'yaml',
  'commander',
  'kysely',
  'jsonc-parser',
  'smol-toml',
  'diff',
  '@modelcontextprotocol/server',
  'node:fs',
  'node:fs/promises',
]

/** Everything directly below src: the rooms, and the files that compose them. */
const inSource = readdirSync(source, { withFileTypes: true })
const directories = inSource.filter((entry) => entry.isDirectory()).map(({ name }) => name)
const files = inSource.filter((entry) => entry.isFile()).map(({ name }) => name)

/** A directory with our lint rules and these files, gone after the test. */
function tree(contents: Record<string, readonly string[]>): string {
  const root = mkdtempSync(join(tmpdir(), 'gonogo-rooms-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  cpSync(join(repository, '.oxlintrc.json'), join(root, '.oxlintrc.json'))
  for (const [path, lines] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${lines.join('\n')}\n`)
  }
  return root
}

interface Diagnostic {
  code: string
  filename: string
  labels: { span: { line: number } }[]
}

/** The lines that a restriction refuses, as they were written. */
function refused(contents: Record<string, readonly string[]>): string[] {
  const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint')
  const argv = [oxlint, '-c', '.oxlintrc.json', '-f', 'json', 'src']
  const { stdout } = spawnSync(process.execPath, argv, { cwd: tree(contents), encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] }
  const found = diagnostics
    .filter(({ code }) => code.includes('no-restricted-') || code.includes('no-console'))
    .map(({ filename, labels }) => contents[filename]![labels[0]!.span.line - 1]!)
  return [...new Set(found)].toSorted()
}

const importing = (specifier: string) => `export * from '${specifier}'`

/** Every import another place could be reached by, and whether the room may use it. */
function imports(room: string, place: string): { specifier: string; allowed: boolean }[] {
  const up = '../'.repeat(place.split('/').length - 2)
  const may = rooms[room]!
  return [
    ...directories
      .filter((target) => target !== room)
      .map((target) => ({
        specifier: `${up}${target}/x.ts`,
        allowed: may.rooms.includes(target),
      })),
    ...files
      // What the library exports is core, ports and tools anyway, and never closer than those.
      .filter((file) => file !== 'index.ts')
      .map((file) => ({ specifier: `${up}${file}`, allowed: false })),
    ...packages.map((name) => ({
      specifier: name,
      allowed: may.packages === 'any' || may.packages.includes(name),
    })),
    { specifier: './own.ts', allowed: true },
  ]
}

describe('lint', () => {
  const places: [string, string][] = [
    ['core', 'src/core/a.ts'],
    ['core', 'src/core/report/a.ts'],
    ['ports', 'src/ports/a.ts'],
    ['tools', 'src/tools/a.ts'],
    ['tools', 'src/tools/checks/a.ts'],
    ['desk', 'src/desk/a.ts'],
    ['desk', 'src/desk/report/a.ts'],
    ['workers', 'src/workers/a.ts'],
    ['adapters', 'src/adapters/store/a.ts'],
    ['adapters', 'src/adapters/store/tables/a.ts'],
    ['adapters', 'src/adapters/github/workflow/rules/a.ts'],
    ['config', 'src/config/a.ts'],
    ['setup', 'src/setup/a.ts'],
    ['setup', 'src/setup/clients/a.ts'],
    ['doctor', 'src/doctor/a.ts'],
    ['mcp', 'src/mcp/a.ts'],
    ['cli', 'src/cli/a.ts'],
    ['cli', 'src/cli/commands/a.ts'],
  ]

  it('knows every room there is', () => {
    expect(directories.toSorted()).toEqual(Object.keys(rooms).toSorted())
    expect(new Set(places.map(([room]) => room))).toEqual(new Set(directories))
  })

  it.each(places)('lets %s at %s import what the design allows and nothing else', (room, place) => {
    const all = imports(room, place)
    const forbidden = all.filter(({ allowed }) => !allowed)
    const lines = all.map(({ specifier }) => importing(specifier))
    expect(refused({ [place]: lines })).toEqual(
      forbidden.map(({ specifier }) => importing(specifier)).toSorted(),
    )
  })

  it('keeps every adapter apart from every other', () => {
    const adapters = readdirSync(join(source, 'adapters'))
    const pairs = adapters.flatMap((from) =>
      adapters.filter((to) => to !== from).map((to) => ({ from, to })),
    )
    const contents: Record<string, string[]> = {}
    for (const { from, to } of pairs) {
      ;(contents[`src/adapters/${from}/a.ts`] ??= []).push(`export * from '../${to}/${from}.ts'`)
      ;(contents[`src/adapters/${from}/deep/a.ts`] ??= []).push(
        `export * from '../../${to}/${from}.ts'`,
      )
      ;(contents[`src/adapters/${from}/deep/deeper/a.ts`] ??= []).push(
        `export * from '../../../${to}/${from}.ts'`,
      )
    }
    expect(refused(contents)).toEqual(Object.values(contents).flat().toSorted())
  })

  it('sees through every form of import', () => {
    const lines = [
      `import * as all from '../adapters/a.ts'; export { all }`,
      `import type { B } from '../adapters/b.ts'; export type C = B`,
      `export { d } from '../adapters/d.ts'`,
      `export const e = () => import('../adapters/e.ts')`,
      `import '../adapters/f.ts'`,
    ]
    expect(refused({ 'src/tools/a.ts': lines })).toEqual(lines.toSorted())
  })

  it('loads nothing before main.ts knows the version of Node', () => {
    const allowed = `await import('./start.ts')`
    const lines = [`import './start-up.ts'`, `import 'node:fs'`, allowed]
    expect(refused({ 'src/main.ts': lines })).toEqual(lines.slice(0, 2).toSorted())
  })

  it('gives library users core, ports, tools and what library.ts composes', () => {
    const library = ['./library.ts', './library-types.ts']
    const others = ['kysely', './wiring.ts', ...library]
    const lines = [...directories.map((name) => `./${name}/x.ts`), ...others].map(importing)
    const allowed = ['./core/x.ts', './ports/x.ts', './tools/x.ts', ...library].map(importing)
    expect(refused({ 'src/index.ts': lines })).toEqual(
      lines.filter((line) => !allowed.includes(line)).toSorted(),
    )
  })

  it('finds no clock and no randomness in core', () => {
    const lines = [
      'export const a = Date.now()',
      'export const b = new Date()',
      'export const c = (ms: number) => new Date(ms).toISOString()',
      'export const d = Math.random()',
      'export const { random } = Math',
      'export const e = globalThis.Date.now()',
    ]
    const harmless = ['export const f = Math.max(1, 2)', `export const g = Date_('x')`]
    expect(refused({ 'src/core/a.ts': [...lines, ...harmless] })).toEqual(lines.toSorted())
  })

  it('keeps stray output away from the protocol', () => {
    expect(refused({ 'src/mcp/a.ts': ['console.log(1)'] })).toEqual(['console.log(1)'])
  })
})

describe('the compiler', () => {
  it('knows nothing outside in core', () => {
    const lines = [
      'export const a = process.env',
      'export const b = fetch("http://localhost")',
      'export const c = setTimeout(() => {}, 1)',
      'export const d = crypto.randomUUID()',
      'export const e = console.log("x")',
      'export const f = performance.now()',
      'export const g = Buffer.from("")',
      'export const h = new URL("http://localhost")',
      `export const i = import('node:fs')`,
      'export const j = queueMicrotask(() => {})',
    ]
    const root = tree({ 'src/core/planted.ts': lines })
    cpSync(join(source, 'core'), join(root, 'src/core'), { recursive: true })
    for (const file of ['tsconfig.json', 'package.json'])
      cpSync(join(repository, file), join(root, file))
    const tsc = join(repository, 'node_modules/typescript/bin/tsc')
    const argv = [tsc, '-p', 'src/core', '--pretty', 'false']
    const { stdout } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' })
    const places = [...stdout.matchAll(/^(\S+)\((\d+),\d+\): error/gm)]
    expect(new Set(places.map(([, file]) => file))).toEqual(new Set(['src/core/planted.ts']))
    expect(new Set(places.map(([, , line]) => Number(line)))).toEqual(
      new Set(lines.map((_, index) => index + 1)),
    )
  })
})
