import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { Git } from './git.ts'

/**
 * Writes a commit's tree into an empty or missing directory, byte for byte as committed.
 *
 * Git checks out through a throw-away repository that only borrows the objects: the real one gets no
 * index or worktree entry, and none of its hooks, filters or attributes apply. What a filter would
 * fetch (Git LFS) therefore stays the committed pointer.
 */
export async function exportTree(git: Git, sha: string, directory: string): Promise<void> {
  await requireEmpty(directory)
  const scratch = await mkdtemp(join(tmpdir(), 'gonogo-export-'))
  const own = { GIT_DIR: scratch, GIT_CONFIG_GLOBAL: '/dev/null' }
  const borrowing = {
    cwd: directory,
    env: { ...own, GIT_WORK_TREE: '.', GIT_OBJECT_DIRECTORY: git.objects },
  }
  try {
    const format = `--object-format=${git.objectFormat}`
    await git.output(['init', '--quiet', '--bare', '--template=', format], { env: own })
    await mkdir(join(scratch, 'info'), { recursive: true })
    // The strongest attributes file: the tree's own .gitattributes cannot rewrite any content.
    const attributes = '* -text -filter -ident -working-tree-encoding\n'
    await writeFile(join(scratch, 'info', 'attributes'), attributes)
    await git.output(['read-tree', '--end-of-options', sha], borrowing)
    await git.output(['checkout-index', '--all'], borrowing)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function requireEmpty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  const entries = await readdir(directory)
  if (entries.length === 0) return
  throw new Failure({
    code: 'invalid_input',
    message: `cannot export into ${directory}: it is not empty`,
    hint: `look at it first: ls -A ${directory}`,
  })
}
