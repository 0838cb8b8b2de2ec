import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { load, problemsOf, put, refused, useDirectories } from './directory.ts'

const directory = useDirectories()

it.each([
  ['a tab as indentation', 'project: p\nenvironments:\n\tstaging: {}\n', 3],
  ['a repeated key', 'project: p\nenvironments: {}\nproject: q\n', 3],
  ['two documents', 'project: p\n---\nproject: q\n', 2],
  ['an unknown tag', 'project: p\ndefault_branch: !vault main\n', 2],
  ['an alias without anchor', 'project: p\ntests: *nothing\n', 2],
])('names the line of %s', async (_, yaml, line) => {
  const lines = await problemsOf(directory(), yaml)
  expect(lines[0]).toMatch(new RegExp(`^gonogo\\.yaml:${line}: .{10,}`))
})

it('never quotes the text around a YAML error', async () => {
  const lines = await problemsOf(directory(), 'project: p\na: hunter2-secret: "x\nb: [hunter2\n')
  expect(lines.join('\n')).not.toContain('hunter2')
})

it.each(['', '\n\n', '# only a comment\n', '---\n', 'null\n'])(
  'refuses empty text %j',
  async (text) => {
    expect(await problemsOf(directory(), text)).toEqual(['gonogo.yaml: the file is empty'])
  },
)

it.each([
  ['[1, 2]\n', 'a list'],
  ['hello\n', '"hello"'],
])('refuses %j instead of a mapping', async (text, got) => {
  expect(await problemsOf(directory(), text)).toEqual([
    `gonogo.yaml:1: the configuration must be a mapping, got ${got}`,
  ])
})

it('does not blow up on an alias bomb', async () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const before =
      level === 0
        ? '[x, x]'
        : `[${Array(9)
            .fill(`*a${level - 1}`)
            .join(', ')}]`
    return `k${level}: &a${level} ${before}`
  })
  const started = performance.now()
  const lines = await problemsOf(directory(), levels.join('\n'))
  expect(lines).toEqual([expect.stringMatching(/^gonogo\.yaml:1: aliases cannot be resolved/)])
  expect(performance.now() - started).toBeLessThan(2000)
})

it.each([
  ['brackets that exhaust a stack', '['.repeat(20_000)],
  ['70 levels that close', `${'['.repeat(70)}${']'.repeat(70)}`],
  ['an anchor that holds itself', '&a [*a]'],
])('refuses %s', async (_, value) => {
  const lines = await problemsOf(directory(), `project: ${value}\n`)
  expect(lines[0]).toMatch(/^gonogo\.yaml:\d+: \S/)
})

it('accepts aliases that share settings', async () => {
  const root = directory()
  put(
    root,
    'gonogo.yaml',
    `project: p
environments:
  staging: { checks: &strict { migrations_safe: required } }
  production: { checks: *strict }
`,
  )
  const { project } = await load(root)
  expect(project.environments[1]!.checks.migrations_safe).toBe('required')
})

it('refuses what is no readable text file, naming it', async () => {
  const root = directory()
  const reasonOf = async (name: string, make: (file: string) => void) => {
    mkdirSync(join(root, name))
    const file = join(root, name, 'gonogo.yaml')
    make(file)
    const { message } = await refused(load(join(root, name)))
    expect(message.startsWith(`${file} `)).toBe(true)
    return message.slice(file.length + 1)
  }
  expect(await reasonOf('directory', mkdirSync)).toBe('is not a regular file')
  expect(await reasonOf('pipe', (file) => execFileSync('mkfifo', [file]))).toBe(
    'is not a regular file',
  )
  expect(await reasonOf('loop', (file) => symlinkSync(file, file))).toBe('cannot be read (ELOOP)')
  expect(await reasonOf('dangling', (file) => symlinkSync('/nowhere/x', file))).toBe(
    'cannot be read (ENOENT)',
  )
})

it('refuses large and binary files', async () => {
  const root = directory()
  put(root, 'gonogo.yaml', `# ${'x'.repeat(1024 * 1024)}`)
  expect((await refused(load(root))).message).toMatch(
    /is 1048578 bytes long, more than the 1048576/,
  )
  put(root, 'gonogo.yaml', new Uint8Array([0x70, 0xff, 0xfe]))
  expect((await refused(load(root))).message).toMatch(/is not UTF-8 text$/)
})
