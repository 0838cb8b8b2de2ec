import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { widthOf } from '../../src/cli/width.ts'
import { screenAfter } from '../support/screen.ts'
import { openWorkshop, type SmallProject, type Workshop } from '../support/small-project.ts'
import { runInTerminal, type Typing } from '../support/terminal.ts'

let shop: Workshop
let project: SmallProject
beforeAll(async () => {
  shop = await openWorkshop()
  project = await shop.project({ environments: ['staging', 'production'] })
})
afterAll(async () => {
  await project.close()
  await shop.close()
})

const wide = { columns: 90, rows: 30 }
const narrow = { columns: 40, rows: 12 }
const ctrlC = '\u0003'
const shown = '\u001b[?25h'
const hidden = '\u001b[?25l'
// oxlint-disable-next-line no-control-regex
const colours = /\u001b\[\d+m/

const inTerminal = (
  args: string[],
  typing: Typing[] = [],
  { size = wide, env = {} }: { size?: typeof wide; env?: Record<string, string> } = {},
) => runInTerminal(args, { cwd: project.root, env: { ...project.env, ...env }, typing, size })

const screen = (stdout: string, columns = wide.columns) => {
  const { lines, cursor } = screenAfter(stdout, columns)
  return { text: lines.join('\n'), cursor }
}

const audited = async () => (await project.within((call) => call.audit.tail(1000))).length

describe('while a deployment is under way', () => {
  let id: string
  let letItEnd: () => Promise<void>
  beforeAll(async () => {
    letItEnd = await project.obstruct('hang', 'v1')
    id = (await project.tool('deploy_to_staging', { git_ref: 'v1' })).deployment_id!
  })

  it('gonogo watch shows everything until Ctrl-C, and is one line in the audit log', async () => {
    const before = await audited()
    const { stdout, exitCode } = await inTerminal(['watch'], [{ after: id, keys: ctrlC }])
    expect(exitCode).toBe(130)
    const { text, cursor } = screen(stdout)
    expect(cursor).toBe(true)
    expect(text).toMatch(/^small\n {2}staging nothing yet → v1 ● ──▸ production nothing yet ·$/m)
    expect(text).toMatch(new RegExp(`^  ${id}  deploy of v1 to staging$`, 'm'))
    expect(text).toMatch(/^waits for approval: nothing$/m)
    expect(text).toMatch(/^error \(interrupted\): .*goes on\nnext: come back with gonogo watch$/m)
    expect(await audited()).toBe(before + 1)
  })

  it('watching it can be left with Ctrl-C: it goes on, and how to come back is said', async () => {
    const { stdout, exitCode } = await inTerminal(
      ['watch', id],
      [{ after: '▸ activate', keys: ctrlC }],
    )
    expect(exitCode).toBe(130)
    const { text, cursor } = screen(stdout)
    expect(cursor).toBe(true)
    expect(text).toContain(`stopped following; ${id} goes on`)
    expect(text).toContain(`gonogo status ${id} --watch`)
    expect(text.match(/^deploy of v1/gm)).toHaveLength(1)
    const { deployment } = await project.tool('get_deployment_status', { deployment_id: id })
    expect(deployment.status).toBe('in_progress')
  })

  it('it is drawn to its end, also in a window that becomes narrower, and the answer follows', async () => {
    const { stdout, exitCode } = await inTerminal(
      ['status', id, '--watch'],
      [
        { after: '▸ activate', size: narrow },
        { after: '▸ activate', act: letItEnd },
      ],
    )
    expect(exitCode).toBe(0)
    expect(stdout.lastIndexOf(shown)).toBeGreaterThan(stdout.lastIndexOf(hidden))
    const second = stdout.indexOf('▸ activate', stdout.indexOf('▸ activate') + 1)
    const [frames = '', answer = ''] = stdout
      .slice(second)
      .split('deploy of v1 to staging: success')
    for (const line of frames.split('\n').slice(1)) {
      expect(widthOf(screen(line, 200).text)).toBeLessThan(narrow.columns)
    }
    expect(frames).toContain('✓ success')
    expect(answer).toMatch(/✓ passed .*smoke_tests/)
  })
})

describe('what is printed', () => {
  it('has one line of progress on a terminal, gone when the answer comes', async () => {
    const { stdout } = await inTerminal(['scan', 'v1'])
    expect(stdout).toMatch(/\[█*░+\] \d\/\d {2}scan: .*\d s/)
    const { text, cursor } = screen(stdout)
    expect(cursor).toBe(true)
    expect(text).not.toContain('scan: ')
  })

  it('fits into the terminal and never breaks an id', async () => {
    const { stdout } = await inTerminal(['list'], [], { size: narrow })
    const { text } = screen(stdout, 200)
    expect(text).toMatch(/^ {2}dep_[0-9a-z]{26}$/m)
    expect(text).toMatch(/(just now|\d+ (s|min) ago)/)
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(40)
    expect(stdout).toMatch(colours)
  })

  it('is whole in a pipe, with exact times and colours only on demand', async () => {
    const plain = await project.gonogo(['list', '--exact-times'])
    expect(plain.stdout).toMatch(/dep_\w+ {2}staging .* \d{4}-\d\d-\d\dT[\d:.]+Z /)
    expect(plain.stdout).not.toMatch(colours)
    const forced = await project.gonogo(['list'], { env: { FORCE_COLOR: '1' } })
    expect(forced.stdout).toMatch(colours)
  })

  it('is plain in a terminal that can do nothing', async () => {
    const { stdout } = await inTerminal(['scan', 'v1'], [], { env: { TERM: 'dumb' } })
    expect(stdout).toContain('… scan: ')
    expect(stdout).not.toContain('\u001b')
  })

  it('is a line for everything that changes, in a pipe', async () => {
    const { stdout, exitCode } = await project.gonogo(['watch', '--timeout', '0s'])
    expect(exitCode).toBe(0)
    expect(stdout).toBe('staging runs v1, verified\nproduction runs nothing yet\n')
  })

  it('is a snapshot of everything with --json', async () => {
    expect((await project.gonogo(['watch', '--json'])).json()).toMatchObject({
      schema_version: 1,
      environments: [
        { name: 'staging', version: 'v1' },
        { name: 'production', version: null },
      ],
      under_way: [],
      waiting: [],
    })
  })
})
