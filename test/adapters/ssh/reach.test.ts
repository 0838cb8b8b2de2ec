import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createApprovers } from '../../../src/adapters/ssh/approvers.ts'
import { temporaryDirectory } from './fixtures.ts'

const stranger = { uid: 4242, gids: [4242] }

/** `etc/gonogo/approvers`, closed to strangers, and `elsewhere/`, open to everybody. */
function setUp() {
  const root = temporaryDirectory()
  chmodSync(root, 0o755)
  const directory = join(root, 'etc', 'gonogo')
  const elsewhere = join(root, 'elsewhere')
  mkdirSync(directory, { recursive: true })
  mkdirSync(elsewhere)
  const path = join(directory, 'approvers')
  writeFileSync(path, '')
  for (const closed of [join(root, 'etc'), directory]) chmodSync(closed, 0o755)
  chmodSync(path, 0o644)
  chmodSync(elsewhere, 0o777)
  const other = (file: string) => createApprovers({ path, identity: stranger }).outOfReach([file])
  const reach = (identity = stranger, file = path) =>
    createApprovers({ path: file, identity }).outOfReach([])
  return { root, directory, elsewhere, path, other, reach }
}

describe('the list of approvers is out of reach of', () => {
  it('a user who can write nothing on the way to it', async () => {
    expect(await setUp().reach()).toBe(true)
  })

  it('a user who could not create it either', async () => {
    const { reach, directory } = setUp()
    expect(await reach(stranger, join(directory, 'none', 'yet'))).toBe(true)
  })

  it('others in a sticky directory, where only a new file can be put', async () => {
    const { reach, directory, path } = setUp()
    chmodSync(directory, 0o1777)
    expect(await reach(stranger, path)).toBe(true)
    expect(await reach(stranger, join(directory, 'new'))).toBe(false)
  })

  it('a group whose members may only read', async () => {
    const { reach, path } = setUp()
    expect(await reach({ uid: 4242, gids: [statSync(path).gid] })).toBe(true)
  })
})

describe('the list of approvers is within reach of', () => {
  it('its owner, who can always allow themselves to write', async () => {
    const { reach, path } = setUp()
    chmodSync(path, 0o444)
    // Run by the superuser, who reaches everything anyway, the file gets another owner.
    if (process.geteuid?.() === 0) chownSync(path, 4242, 4242)
    expect(await reach({ uid: statSync(path).uid, gids: [] })).toBe(false)
  })

  it('the superuser', async () => {
    expect(await setUp().reach({ uid: 0, gids: [0] })).toBe(false)
  })

  it('the user who runs this', async () => {
    expect(await createApprovers({ path: setUp().path }).outOfReach([])).toBe(false)
  })

  it('everybody when everybody may write it', async () => {
    const { reach, path } = setUp()
    chmodSync(path, 0o646)
    expect(await reach()).toBe(false)
  })

  it('the members of a group that may write it', async () => {
    const { reach, path } = setUp()
    chmodSync(path, 0o664)
    expect(await reach()).toBe(true)
    expect(await reach({ uid: 4242, gids: [4242, statSync(path).gid] })).toBe(false)
  })

  it.each(['etc/gonogo', 'etc', '.'])('everybody who may write to %s', async (parent) => {
    const { reach, root } = setUp()
    chmodSync(join(root, parent), 0o777)
    expect(await reach()).toBe(false)
  })

  it('everybody who may replace what a link points to', async () => {
    const { reach, directory, elsewhere } = setUp()
    writeFileSync(join(elsewhere, 'approvers'), '')
    symlinkSync(join(elsewhere, 'approvers'), join(directory, 'link'))
    symlinkSync('../../elsewhere', join(directory, 'linked-directory'))
    expect(await reach(stranger, join(directory, 'link'))).toBe(false)
    expect(await reach(stranger, join(directory, 'linked-directory', 'approvers'))).toBe(false)
  })

  it('everybody who may replace the link itself', async () => {
    const { reach, path, elsewhere } = setUp()
    symlinkSync(path, join(elsewhere, 'link'))
    expect(await reach(stranger, join(elsewhere, 'link'))).toBe(false)
  })

  it('nobody more by a link between closed places', async () => {
    const { reach, path, directory } = setUp()
    symlinkSync('../gonogo/approvers', join(directory, 'link'))
    expect(await reach(stranger, join(directory, 'link'))).toBe(true)
    expect(await reach(stranger, path)).toBe(true)
  })

  it('whoever one suspects when links go in circles', async () => {
    const { reach, directory } = setUp()
    symlinkSync('loop', join(directory, 'loop'))
    expect(await reach(stranger, join(directory, 'loop'))).toBe(false)
  })

  it('those who can change one of the other files', async () => {
    const { other, elsewhere, directory } = setUp()
    expect(await other(join(directory, 'gonogo.yaml'))).toBe(true)
    expect(await other(join(elsewhere, 'gonogo.yaml'))).toBe(false)
  })
})

it('names which of several files are within reach', async () => {
  const { path, elsewhere, directory } = setUp()
  const approvers = createApprovers({ path, identity: stranger })
  const open = join(elsewhere, 'gonogo.yaml')
  const closed = join(directory, 'gonogo.yaml')
  expect(await approvers.withinReach([open, closed])).toEqual([open])
  chmodSync(path, 0o646)
  expect(await approvers.withinReach([closed])).toEqual([path])
})
