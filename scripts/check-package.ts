/**
 * Checks the package as its users get it: what is in the tarball, that publint finds nothing wrong with
 * it, and that it works when it is installed into an empty directory: the binary with this Node, the
 * sample it makes, and the library, with its types, deploying that sample. Needs a built dist.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import manifest from '../package.json' with { type: 'json' }

interface Packed {
  filename: string
  unpackedSize: number
  files: { path: string }[]
}

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
/** The sample's steps start this same Node. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` }

/** Everything a user needs; the rest of the tarball is chunks and declarations. */
const wanted = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'package.json',
  'dist/main.js',
  'dist/index.js',
  'dist/workflows/cd.yml',
  'dist/types/index.d.ts',
  'dist/THIRD_PARTY_NOTICES.txt',
]

/** Far above what is needed: a slip such as a bundled TypeScript is what this is for. */
const mostBytes = 7_000_000

const library = `import { createGonogo, Failure, selectTools, tools, type Gonogo, type Tool } from 'gonogo'
const reading: readonly Tool[] = selectTools({ toolsets: ['core'], readOnly: true })
const failure: Error = new Failure({ code: 'blocked', message: 'no', hint: 'none' })
console.log(tools.length, reading.length, failure.name)
await using gonogo: Gonogo = await createGonogo({ project: 'sample' })
const { deployment_id, status } = await gonogo.deployToStaging({ git_ref: 'v1.0.0' })
let end: string = status
for await (const { deployment } of gonogo.follow(deployment_id ?? '')) end = deployment.status
const { total_count } = await gonogo.listDeployments()
console.log(end, total_count)
// @ts-expect-error git_ref is missing
export const misused = () => gonogo.validateDeployment({ environment: 'staging' })
`

async function pack(directory: string, folder = root): Promise<Packed> {
  const options = ['--json', '--ignore-scripts', '--pack-destination', directory]
  const { stdout } = await run('npm', ['pack', ...options], { cwd: folder })
  return (JSON.parse(stdout) as Packed[])[0]!
}

function contentProblems({ files, unpackedSize }: Packed): string[] {
  const paths = files.map(({ path }) => path)
  const missing = wanted.filter((path) => !paths.includes(path))
  const strange = paths.filter((path) => !path.startsWith('dist/') && !wanted.includes(path))
  return [
    ...missing.map((path) => `${path} is missing in the package`),
    ...strange.map((path) => `${path} does not belong into the package`),
    ...(unpackedSize > mostBytes ? [`${unpackedSize} bytes are more than ${mostBytes}`] : []),
  ]
}

/** A path of the machine it was built on would be of no use to anybody else. */
async function pathProblems(installed: string): Promise<string[]> {
  const entries = await readdir(join(installed, 'dist'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = await Promise.all(
    files.map(async ({ name, parentPath }) => ({
      name,
      text: await readFile(join(parentPath, name), 'utf8'),
    })),
  )
  const named = texts.filter(({ text }) => text.includes(root))
  return named.map(({ name }) => `${name} names the directory it was built in`)
}

/** Everything that comes with the dependencies on this machine, each once. */
async function installedBeside(): Promise<string[]> {
  const folders = new Set<string>()
  const left = Object.keys(manifest.dependencies)
  for (const name of left) {
    const folder = join(root, 'node_modules', name)
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null)
    // Builds for other platforms are named, and not installed.
    if (text === null || folders.has(folder)) continue
    folders.add(folder)
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(text) as {
      dependencies?: Record<string, string>
      optionalDependencies?: Record<string, string>
    }
    left.push(...Object.keys(dependencies), ...Object.keys(optionalDependencies))
  }
  return [...folders]
}

async function publintProblems(): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`)
}

async function useProblems(directory: string): Promise<string[]> {
  // The binary as npm links it, started by this Node whatever the shell's is.
  const gonogo = (...args: string[]) =>
    run(process.execPath, [join(directory, 'node_modules/.bin/gonogo'), ...args])
  const version = (await gonogo('--version')).stdout.trim()
  const help = (await gonogo('--help')).stdout
  const problems: string[] = []
  if (version !== manifest.version) problems.push(`gonogo --version printed ${version}`)
  if (!help.startsWith('Usage: gonogo')) problems.push('gonogo --help printed no usage')
  const { stdout } = await gonogo(
    'init',
    '--demo',
    '--json',
    '--project',
    join(directory, 'sample'),
  )
  const { next } = JSON.parse(stdout) as { next: { run: string; shows: string }[] }
  const stop = next.find(({ shows }) => shows === 'stop the services')
  try {
    problems.push(...(await libraryProblems(directory)))
  } finally {
    await run('sh', ['-c', stop?.run ?? 'false'], { env })
  }
  return [...problems, ...(await typeProblems(directory))]
}

/** A program of a user's takes the sample to staging, through gonogo's own detached processes. */
async function libraryProblems(directory: string): Promise<string[]> {
  const file = join(directory, 'sample/gonogo.yaml')
  // This is about the package: nothing is tested or scanned, so nothing is asked of any registry.
  const off = '    checks: { tests_passed: "off", security_scan: "off" }\n'
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replaceAll('    env_file:', `${off}    env_file:`))
  await writeFile(join(directory, 'library.ts'), library)
  const { stdout } = await run(process.execPath, ['library.ts'], { cwd: directory, env })
  const fine = /^\d+ \d+ Failure\nsuccess 1\n$/.test(stdout)
  return fine ? [] : [`the library printed ${stdout}`]
}

/** As strict as a user may be, and without what this repository has installed. */
async function typeProblems(directory: string): Promise<string[]> {
  const compilerOptions = { module: 'nodenext', strict: true, noEmit: true, types: [] }
  const lib = ['es2024', 'dom']
  const config = { compilerOptions: { ...compilerOptions, lib }, files: ['library.ts'] }
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  return await run(process.execPath, [tsc, '-p', directory]).then(
    () => [],
    ({ stdout }: { stdout: string }) => [`the types do not compile: ${stdout}`],
  )
}

const directory = await mkdtemp(join(tmpdir(), 'gonogo-package-'))
try {
  const packed = await pack(directory)
  await writeFile(join(directory, 'package.json'), '{ "private": true, "type": "module" }')
  // What npm would fetch beside it is here already: nothing is asked of any registry.
  const beside = await installedBeside()
  const others = await Promise.all(beside.map((folder) => pack(directory, folder)))
  const tarballs = [packed, ...others].map(({ filename }) => join(directory, filename))
  const options = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts']
  await run('npm', ['install', ...options, ...tarballs], { cwd: directory })
  const problems = [
    ...contentProblems(packed),
    ...(await publintProblems()),
    ...(await pathProblems(join(directory, 'node_modules/gonogo'))),
    ...(await useProblems(directory)),
  ]
  for (const problem of problems) process.stderr.write(`package: ${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
  else process.stdout.write(`${packed.filename}: ${packed.files.length} files, works\n`)
} finally {
  await rm(directory, { recursive: true, force: true })
}
